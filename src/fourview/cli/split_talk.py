"""What `fourview split` says: the splits as a table, and every leak in a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fourview.cli.terminal import show

if TYPE_CHECKING:
    from fourview.core.description import SplitSummary
    from fourview.dataset.splitting.leaks import LeakReport
    from fourview.dataset.splitting.split import SplitResult

MOST_LINES = 50
"""Of each kind of leak and problem; --json tells all."""


def show_splits(result: SplitResult, *, as_json: bool, show_patients: bool) -> None:
    """The splits to stdout; notes and warnings to stderr."""
    if as_json:
        show(
            _json(
                {
                    "splits": [one.to_dict() for one in result.summaries],
                    "notes": list(result.notes),
                    "warnings": list(result.warnings),
                    "check": result.check.to_dict(show_patients=show_patients),
                }
            )
        )
    else:
        show(split_table(result.summaries))
    lines = [
        *(f"note: {text}" for text in result.notes),
        *(f"warning: {text}" for text in result.warnings),
    ]
    for line in lines:
        print(line, file=sys.stderr)


def show_check(report: LeakReport, *, as_json: bool, show_patients: bool) -> None:
    """What was checked, to stdout, where nothing leaks."""
    if as_json:
        show(_json(report.to_dict(show_patients=show_patients)))
    elif not report.leaks:
        compared = (
            f", pixels of {report.pixels_read} compared"
            if report.pixels_read
            else "; pixels not compared (--pixels)"
        )
        show(f"no leak found: {report.exams} exams, {report.images} images{compared}")


def split_table(summaries: Sequence[SplitSummary]) -> str:
    """Splits as lines of aligned columns."""
    total = summaries[-1].exams
    rows: list[tuple[str, ...]] = [
        ("split", "exams", "%", "patients", "biopsied", "malignant", "benign", "dates")
    ]
    for one in summaries:
        dates = f"{one.first_date} to {one.last_date}" if one.first_date else ""
        numbers = (one.patients, one.biopsied, one.malignant, one.benign)
        part = f"{100 * one.exams / total:.1f}"
        rows.append((one.split, str(one.exams), part, *map(str, numbers), dates))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        cells[0], cells[-1] = row[0].ljust(widths[0]), row[-1]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def tell_leaks(report: LeakReport, *, show_patients: bool, written: Path | None) -> None:
    """Each leak, what could not be checked, and what is odd, to stderr.

    Args:
        written: the splits, if they were written just now.
    """
    by_kind: dict[str, list[str]] = {}
    for leak in report.leaks:
        by_kind.setdefault(leak.kind, []).append(leak.line(show_patient=show_patients))
    lines = []
    for kind, found in by_kind.items():
        lines += [f"leak: {line}" for line in found[:MOST_LINES]]
        if len(found) > MOST_LINES:
            lines.append(f"leak: {kind}: {len(found) - MOST_LINES} more; --json tells all")
    refused = [str(problem) for problem in report.problems]
    refused += [f"{one.name}: {one.reason}" for one in report.unread]
    lines += [f"refused: {line}" for line in refused[:MOST_LINES]]
    if len(refused) > MOST_LINES:
        lines.append(f"refused: {len(refused) - MOST_LINES} more; --json tells all")
    lines += [f"note: {note}" for note in report.notes[:MOST_LINES]]
    if len(report.notes) > MOST_LINES:
        lines.append(f"note: {len(report.notes) - MOST_LINES} more; --json tells all")
    if report.leaks:
        count = f"{len(report.leaks)} leak{'s' if len(report.leaks) > 1 else ''}"
        lines.append(f"error: {count} between the splits")
        if written:
            lines.append(
                f"hint: {written.name} was written, but is not fit for use: mend exams.csv"
            )
    for line in lines:
        print(line, file=sys.stderr)


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False)
