"""Exams read from disk while the networks read the one before."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from fourview.core.exam import Exam
from fourview.inference.exam import Clock
from fourview.io.exams import ExamFiles, Refused, read_exam


@dataclass(frozen=True)
class ComingExam:
    """An exam whose pixels are being read."""

    files: ExamFiles
    refused: list[Refused]
    """Its files that cannot be read; all of them once `exam` is done, well or not."""
    exam: Future[tuple[Exam, float]]
    """The exam, and the seconds that reading it took."""


def read_ahead(exams: Sequence[ExamFiles], jobs: int, clock: Clock) -> Generator[ComingExam]:
    """Each exam in its order, the next `jobs` of them being read meanwhile."""

    def timed(files: ExamFiles, refused: list[Refused]) -> tuple[Exam, float]:
        start = clock()
        exam = read_exam(files, on_refused=refused.append)
        return exam, clock() - start

    def begin(files: ExamFiles) -> ComingExam:
        refused: list[Refused] = []
        return ComingExam(files, refused, pool.submit(timed, files, refused))

    pool = ThreadPoolExecutor(max_workers=jobs)
    todo = iter(exams)
    coming: list[ComingExam] = []
    try:
        for files in todo:
            coming.append(begin(files))
            if len(coming) > jobs:
                yield coming.pop(0)
        while coming:
            yield coming.pop(0)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
