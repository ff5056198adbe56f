"""A manifest: a table that says which file is which view of which exam."""

from __future__ import annotations

from pathlib import Path, PurePath, PureWindowsPath

from fourview.core.errors import TableError
from fourview.io.cells import facing_cell, spacing_cell, view_cell
from fourview.io.exams.files import Candidate, Gathered, Refused, SetAsideFile
from fourview.io.names import NAME_HINT, shown, source_name, wrong_exam_name
from fourview.io.table import Row, read_rows

REQUIRED = ("exam", "view", "path")
_USED = ("", "ok", "used")


def read_manifest(path: Path, *, image_root: Path | None = None) -> Gathered:
    """The files that a manifest names, its bad rows refused one by one.

    Needs the columns `exam,view,path`; heeds `status,reason,facing,pixel_spacing_mm`. A relative
    path starts at `image_root`, or at the manifest's folder. An empty view is left to the file's
    header. Raises TableError where the table as a whole cannot be read.
    """
    rows = read_rows(path, required=REQUIRED)
    if not rows:
        raise TableError(f"{path.name}: the table has no rows", hint="one row for each image")
    gathered = Gathered()
    bad_names: dict[str, str] = {}
    for row in rows:
        exam = row.get("exam")
        if (wrong := wrong_exam_name(exam)) and _status(row) in _USED:
            bad_names.setdefault(exam, f"{row.place}: the exam's name {shown(exam)!r} {wrong}")
            continue
        try:
            _add(row, path, image_root or path.parent, gathered)
        except TableError as error:
            file = _place(row.get("path"), image_root or path.parent)
            one = Refused(row.place, error.problem, error.hint, exam=exam, file=file)
            gathered.refused.append(one)
            if not wrong_exam_name(exam):
                gathered.lost.append((path, exam, f"{row.place}: {error.problem}"))
    for exam, reason in bad_names.items():
        gathered.refused.append(Refused(shown(exam) or path.name, reason, NAME_HINT, is_exam=True))
    return gathered


def _add(row: Row, manifest: Path, root: Path, gathered: Gathered) -> None:
    status, written = _status(row), row.get("path")
    if status == "set aside":
        name = _source(written)
        reason = row.get("reason") or "set aside by the manifest"
        kind = shown(row.get("kind")) or "set aside by the manifest"
        file, exam = _place(written, root), row.get("exam")
        aside = SetAsideFile(name, kind, shown(reason), exam=exam, file=file)
        gathered.set_aside.append(aside)
        return
    if status == "refused":
        raise TableError(f"refused by the manifest: {shown(row.get('reason')) or 'no reason told'}")
    if status not in _USED:
        raise TableError(
            f"status is {shown(row.get('status'))!r}",
            hint="it may be empty, ok, set aside or refused",
        )
    if row.problem:
        raise TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
    gathered.candidates.append(
        Candidate(
            path=_file(written, root),
            source=_source(written),
            given=True,
            view=view_cell(row.get("view")),
            exam=row.get("exam"),
            listing=manifest,
            facing=facing_cell(row.get("facing")),
            pixel_spacing_mm=spacing_cell(row.get("pixel_spacing_mm")),
        )
    )


def _status(row: Row) -> str:
    return row.get("status").casefold().replace("_", " ")


def _place(written: str, root: Path) -> Path | None:
    return root / written if written and "\0" not in written else None


def _file(written: str, root: Path) -> Path:
    if not written:
        raise TableError("the path is empty")
    if written.startswith("="):
        raise TableError(
            f"the path {shown(written)!r} starts with '=': a spreadsheet's formula, not its result",
            hint="save the table with values in place of formulas",
        )
    path = root / written
    try:
        if path.is_file():
            return path
        found = "a folder" if path.is_dir() else "no such file"
    except (OSError, ValueError):  # too long, or characters that no file name has
        found = "no such file"
    raise TableError(
        f"{_source(written)}: {found}",
        hint="relative paths start at the manifest's folder, or at the image folder that is given",
    )


def _source(written: str) -> str:
    """The path as written, but never an absolute one."""
    if PureWindowsPath(written).is_absolute():
        return shown(PureWindowsPath(written).name)
    path = PurePath(written)
    inside = not path.is_absolute() and ".." not in path.parts
    return source_name(path, PurePath() if inside else PurePath("/nowhere"))
