"""A synthetic population from beginning to end; stopped, it goes on where it was."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fourview import __version__
from fourview.core.errors import OutputError
from fourview.io.results import write_json
from fourview.phantom.plan import ExamPlan, Population
from fourview.phantom.population import plan_population
from fourview.synthesis.exam import read_truth, write_exam
from fourview.synthesis.options import SynthesisOptions
from fourview.synthesis.tables import write_tables

SETTINGS = "phantom.json"
Progress = Callable[[int, int], None]


def write_population(
    out: Path,
    options: SynthesisOptions,
    *,
    jobs: int = 1,
    on_progress: Progress = lambda _done, _all: None,
) -> Population:
    """Write a population: exams with masks, tables, readers, truth.json.

    The same options give the same bytes, whatever `jobs`. A folder that holds part of the same
    population is completed.

    Raises:
        OutputError: the folder holds something else, or cannot be written to.
    """
    _begin(out, options)
    population = plan_population(options.n, seed=options.seed, enrich=options.enrich)
    done = 0
    on_progress(done, len(population.exams))
    for _ in _written(out, population.exams, options, jobs):
        done += 1
        on_progress(done, len(population.exams))
    truths = {exam.name: read_truth(out, exam) for exam in population.exams}
    write_tables(out, population, truths, options)
    write_json(out / "truth.json", {**_about(options), "exams": truths})
    return population


def _about(options: SynthesisOptions) -> dict[str, Any]:
    return {
        "synthetic": True,
        "about": "Synthetic images made by fourview. No patients. Not for diagnosis.",
        "fourview": __version__,
        "options": options.to_dict(),
    }


def _begin(out: Path, options: SynthesisOptions) -> None:
    """Refuse a folder that holds anything but this population, begun or whole."""
    settings = out / SETTINGS
    if settings.exists():
        try:
            found = json.loads(settings.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OutputError(f"{settings}: cannot be read: {error}") from error
        if found != _about(options):
            raise OutputError(
                f"{out}: holds another synthetic population ({found.get('options')})",
                hint="give an empty folder, or the same options to complete this one",
            )
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out}: is not an empty folder", hint="give an empty or new one")
    write_json(settings, _about(options))


def _written(
    out: Path, exams: Sequence[ExamPlan], options: SynthesisOptions, jobs: int
) -> Iterator[None]:
    """One turn for each exam that is on disk."""
    if jobs == 1:
        for exam in exams:
            write_exam(out, exam, options)
            yield
        return
    with _pool(jobs) as pool:
        futures: list[Future[None]] = [pool.submit(write_exam, out, e, options) for e in exams]
        for future in as_completed(futures):
            future.result()
            yield


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are let go at once when something goes wrong."""
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
