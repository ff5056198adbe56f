"""A synthetic population from beginning to end; stopped, it goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fourview import __version__
from fourview.core.errors import OutputError
from fourview.io.atomic import remove_partials
from fourview.io.processes import in_processes
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
    population = plan_population(
        options.n, seed=options.seed, enrich=options.enrich, cancers=options.cancers
    )
    done = 0
    on_progress(done, len(population.exams))
    work = partial(_write, out, options)
    for _ in in_processes(jobs, work, population.exams, may_be_killed=True):
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
            raise OutputError(
                f"{settings}: cannot be read: {error}", hint="give an empty or new folder"
            ) from error
        if found != _about(options):
            raise OutputError(
                f"{out}: holds another synthetic population ({found.get('options')})",
                hint="give an empty folder, or the same options to complete this one",
            )
        for folder in (out, out / "exams"):
            remove_partials(folder)
        return
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file", hint="give an empty or new folder")
    remove_partials(out)
    if out.exists() and any(out.iterdir()):
        raise OutputError(f"{out}: is not an empty folder", hint="give an empty or new one")
    write_json(settings, _about(options))


def _write(out: Path, options: SynthesisOptions, exam: ExamPlan) -> None:
    write_exam(out, exam, options)
