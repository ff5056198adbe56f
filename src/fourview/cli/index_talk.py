"""What `fourview index` says of what it wrote."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from fourview.cli.terminal import show
from fourview.core.records import OK, REFUSED, SET_ASIDE

if TYPE_CHECKING:
    from fourview.dataset.importers import ImportResult
    from fourview.dataset.indexing.index import IndexResult
    from fourview.dataset.indexing.pseudonymise import Pseudonymised

MOST_LINES = 40
"""Of each kind; of more, the table tells."""


def tell_index(result: IndexResult, out: Path, *, numbered: bool, as_json: bool) -> None:
    """The table on stdout, or counts as JSON; on stderr what was left out, and why."""
    lines = [f"set aside: {n} images: {why}" for why, n in _reasons(result, SET_ASIDE)]
    lines += [f"refused: {n} images: {why}" for why, n in _reasons(result, REFUSED)]
    in_table = {image.path for image in result.images}
    others = [
        f"refused: {one.name}: {one.reason}" + (f" ({one.hint})" if one.hint else "")
        for one in result.refused
        if one.file is None and not one.images and one.name not in in_table
    ]
    lines += _shortened(others)
    lines += _shortened([f"warning: {warning}" for warning in result.warnings])
    if result.passed_over:
        lines.append(f"{result.passed_over} files are no images, and are not in the table")
    if numbered and result.patients:
        lines.append(
            "patients are numbered, so no other table joins by them: --patient-ids writes them as "
            "in the headers, --pseudonymise KEYFILE as keyed pseudonyms"
        )
    counts = {
        "exams": result.exams,
        "patients": result.patients,
        "images": result.count(OK),
        "set_aside": result.count(SET_ASIDE),
        "refused": result.count(REFUSED),
    }
    if not counts["images"]:
        lines += [
            "error: no exam was found",
            "hint: DICOM, PNG and TIFF files are read, of which the header or the name tells the "
            "view, as in exam7_L-CC.png",
        ]
    lines.append(", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items()))
    if as_json:
        more = {"table": str(out), "warnings": result.warnings, "refused_sources": others}
        show(json.dumps({**counts, **more}, indent=2))
    elif result.images:
        show(str(out))
    print("\n".join(lines), file=sys.stderr)


def _reasons(result: IndexResult, status: str) -> list[tuple[str, int]]:
    """How often each reason was given, the most frequent first."""
    found = Counter(image.reason for image in result.images if image.status == status)
    return found.most_common(MOST_LINES)


def _shortened(lines: Sequence[str]) -> list[str]:
    if len(lines) <= MOST_LINES:
        return list(lines)
    return [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} more like these"]


def tell_rewritten(written: Pseudonymised, out: Path) -> None:
    """The table on stdout; on stderr what was left out of it."""
    show(str(out))
    lines = _shortened([f"left out: {problem}" for problem in written.problems])
    lines += _shortened([f"warning: {warning}" for warning in written.warnings])
    lines.append(f"{written.rows} rows, {written.patients} patients")
    print("\n".join(lines), file=sys.stderr)


def tell_import(result: ImportResult, out: Path, *, as_json: bool) -> None:
    """The folder on stdout, or all as JSON; on stderr what was wrong, and counts."""
    if as_json:
        show(json.dumps({"tables": str(out), **asdict(result)}, indent=2))
    else:
        show(str(out / "exams.csv"))
    lines = _shortened([f"{problem.level}: {problem}" for problem in result.problems])
    counts = {name: n for name, n in asdict(result).items() if isinstance(n, int) and n}
    lines.append(", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items()))
    print("\n".join(lines), file=sys.stderr)
