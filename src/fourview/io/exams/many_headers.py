"""Thousands of files' headers: in several processes, and none of them twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace

from fourview.core.errors import ExamError
from fourview.io.exams.files import Candidate, SetAsideFile
from fourview.io.exams.header_reading import HeaderReader, Outcome, Progress, read_one
from fourview.io.exams.journal import HeaderJournal, Stamp, stamp
from fourview.io.header import ImageHeader

_CHUNK = 32
_FEW = 1024
"""Up to about so many files are read before other processes have started."""
_Read = tuple[Stamp | None, Outcome]


def header_reader(
    *,
    jobs: int = 1,
    journal: HeaderJournal | None = None,
    stand_in: Callable[[str], str] = str,
) -> HeaderReader:
    """A reader of headers for `find_exams`.

    Reading a header is work for the processor, which threads of one Python process share: so
    `jobs` are processes. The outcomes do not depend on `jobs` or on the journal.

    Args:
        journal: what is in it is not read again; what is read is added to it.
        stand_in: what stands for a Patient ID from here on.
    """

    def read(candidates: Sequence[Candidate], on_progress: Progress | None = None) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        todo = []
        for number, candidate in enumerate(candidates):
            at = stamp(candidate.path) if journal is not None and len(journal) else None
            known = journal.known(candidate, at) if journal is not None else None
            if known is None:
                todo.append(number)
            else:
                outcomes[number] = known
        done = len(outcomes)
        chunks = [todo[start : start + _CHUNK] for start in range(0, len(todo), _CHUNK)]
        work = [[candidates[number] for number in chunk] for chunk in chunks]
        for chunk, files, found in zip(chunks, work, _read_all(work, jobs), strict=True):
            named = [(at, _named(outcome, stand_in)) for at, outcome in found]
            if journal is not None:
                journal.add([(c, at, o) for c, (at, o) in zip(files, named, strict=True)])
            outcomes.update(zip(chunk, (outcome for _, outcome in named), strict=True))
            done += len(chunk)
            if on_progress:
                on_progress(done, len(candidates))
        return [outcomes[number] for number in range(len(candidates))]

    return read


def _named(outcome: Outcome, stand_in: Callable[[str], str]) -> Outcome:
    if isinstance(outcome, ImageHeader) and outcome.patient:
        return replace(outcome, patient=stand_in(outcome.patient))
    if isinstance(outcome, SetAsideFile) and outcome.header and outcome.header.patient:
        header = replace(outcome.header, patient=stand_in(outcome.header.patient))
        return replace(outcome, header=header)
    return outcome


def _read_all(work: Sequence[Sequence[Candidate]], jobs: int) -> Iterator[list[_Read]]:
    """What each chunk gives, in their order."""
    if jobs <= 1 or sum(map(len, work)) <= _FEW:
        yield from map(_read_chunk, work)
        return
    try:
        with _pool(jobs) as pool:
            yield from pool.map(_read_chunk, work)
    except BrokenProcessPool as error:
        raise ExamError(
            "a process that read headers was ended from outside, perhaps for want of memory",
            hint="go on with fewer --jobs",
        ) from error


def _read_chunk(candidates: Sequence[Candidate]) -> list[_Read]:
    # the stamp first: a file that changes while it is read is read again by the next run
    return [(stamp(candidate.path), read_one(candidate)) for candidate in candidates]


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are let go at once when something goes wrong, or their parent is killed."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to tell
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
