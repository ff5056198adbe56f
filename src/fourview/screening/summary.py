"""The results of a whole screening: tables, index page, and how the run went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fourview import NOT_A_DEVICE, __version__
from fourview.inference.ensemble import LoadedEnsemble
from fourview.inference.run_facts import peak_memory_mb, reading_facts, software_facts
from fourview.io.atomic import remove_file
from fourview.io.results import (
    write_hidden,
    write_json,
    write_predictions_csv,
    write_text,
)
from fourview.report.page import IndexEntry, LeftOut, index_page
from fourview.screening.options import ScreeningOptions

if TYPE_CHECKING:
    from fourview.screening.run import ScreeningResult


def write_summary(
    out: Path,
    result: ScreeningResult,
    loaded: LoadedEnsemble,
    options: ScreeningOptions,
    *,
    setup: Mapping[str, float],
    made: str | None,
) -> None:
    """Write predictions.csv and .json, report.html, run.json, and hidden.npz if asked for.

    What an earlier run left under these names is replaced; its hidden.npz belongs to no other run.
    """
    write_predictions_csv(out / "predictions.csv", result.predictions)
    write_json(out / "predictions.json", predictions_to_dict(result))
    write_text(out / "report.html", _front_page(result, made))
    if options.hidden:
        write_hidden(
            out / "hidden.npz",
            [prediction.exam for prediction in result.predictions],
            [hidden.columns for hidden in result.hidden],
            [hidden.fc for hidden in result.hidden],
        )
    else:
        remove_file(out / "hidden.npz")
    write_json(out / "run.json", _run_to_dict(result, loaded, options, setup, made))


def predictions_to_dict(result: ScreeningResult) -> dict[str, Any]:
    """All exams with every part of their predictions, and what was left out with its reason."""
    return {
        "about": NOT_A_DEVICE,
        "notices": list(result.notices),
        "exams": result.exams,
        "files": [
            {"exam": exam, "path": one.source, "kind": one.header.kind, "view": one.view.value}
            for exam, one in result.files
        ],
        "refused": [
            {"name": one.name, "exam": one.is_exam, "reason": one.reason, "hint": one.hint}
            for one in result.refused
        ],
        "set_aside": [
            {"path": one.path, "kind": one.kind, "reason": one.reason, "hint": one.hint}
            for one in result.set_aside
        ],
    }


def _front_page(result: ScreeningResult, made: str | None) -> str:
    """For one exam its page; for many, or where something was left out, an index."""
    if result.alone and result.predictions and not (result.refused or result.interrupted):
        return result.last_page
    entries = [
        IndexEntry(
            exam=prediction.exam,
            folder=prediction.exam,
            probabilities=prediction.probabilities,
            missing=prediction.missing,
            warnings=prediction.warnings,
        )
        for prediction in result.predictions
    ]

    def left_out(is_exam: bool) -> list[LeftOut]:
        return [
            LeftOut(one.name, f"{one.reason} ({one.hint})" if one.hint else one.reason)
            for one in result.refused
            if one.is_exam is is_exam
        ]

    return index_page(
        entries,
        refused=left_out(True),
        unreadable=left_out(False),
        set_aside=[LeftOut(one.path, f"{one.kind}: {one.reason}") for one in result.set_aside],
        notices=result.notices,
        version=__version__,
        made=made,
    )


def _run_to_dict(
    result: ScreeningResult,
    loaded: LoadedEnsemble,
    options: ScreeningOptions,
    setup: Mapping[str, float],
    made: str | None,
) -> dict[str, Any]:
    stages: dict[str, float] = dict(setup)
    for of_exam in result.seconds.values():
        for stage, seconds in of_exam.items():
            stages[stage] = stages.get(stage, 0.0) + seconds
    return {
        **software_facts(made=made, interrupted=result.interrupted),
        **reading_facts(
            loaded.weights,
            loaded.ensemble.members,
            device=str(loaded.device),
            seed=options.seed,
            notices=result.notices,
        ),
        "exams_read": len(result.predictions),
        "exams_refused": sum(one.is_exam for one in result.refused),
        "seconds": {stage: round(seconds, 3) for stage, seconds in stages.items()},
        "seconds_by_exam": {
            exam: {stage: round(seconds, 3) for stage, seconds in of_exam.items()}
            for exam, of_exam in result.seconds.items()
        },
        "peak_memory_mb": peak_memory_mb(),
    }
