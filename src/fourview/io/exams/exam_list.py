"""The released pipeline's exam lists: pickled lists of dicts, read without running anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

from fourview.core.errors import TableError
from fourview.core.views import Facing, Laterality, View
from fourview.io.exams.files import Candidate, Gathered, Refused
from fourview.io.exams.safe_pickle import read_plain_pickle
from fourview.io.names import shown, source_name, wrong_exam_name
from fourview.io.view_names import view_from_name

EXTENSIONS = (".png", ".tif", ".tiff")


def read_exam_list(path: Path, *, image_root: Path | None = None) -> Gathered:
    """The images that a released exam list names, each facing as `horizontal_flip` says.

    Images are looked for as `<short path>.png` in `image_root`, or else beside the list and in
    `images/` there. The list has no names for its exams: an exam is called by what its files'
    names have in common before the view, or by the list's name and the exam's place in it,
    counted from 0. Raises TableError where the file is no such list.
    """
    exams = read_plain_pickle(path)
    if not isinstance(exams, list) or not exams:
        found = f"a {type(exams).__name__}" if not isinstance(exams, list) else "an empty list"
        raise TableError(
            f"{path.name}: holds {found}; expected a list of exams",
            hint="an exam is a dict of horizontal_flip and, for each view, a list of short paths",
        )
    roots = [image_root] if image_root else [path.parent, path.parent / "images"]
    gathered = Gathered()
    for name, exam in zip(_names(exams, path.stem), exams, strict=True):
        try:
            gathered.add(_one_exam(exam, name, path, roots))
        except TableError as error:
            gathered.refused.append(Refused(name, error.problem, error.hint, is_exam=True))
    return gathered


def facing_in_storage(view: View, *, horizontal_flip: str) -> Facing:
    """Where the nipple points in a stored image: left breasts rightward for NO, else leftward."""
    left = view.laterality is Laterality.LEFT
    return Facing.RIGHT if left == (horizontal_flip == "NO") else Facing.LEFT


def _one_exam(exam: Any, name: str, listing: Path, roots: Sequence[Path]) -> Gathered:
    if not isinstance(exam, dict):
        raise TableError(f"is a {type(exam).__name__}; expected a dict")
    flip = exam.get("horizontal_flip")
    if flip not in ("YES", "NO"):
        found = "missing" if flip is None else shown(repr(flip)[:40])
        raise TableError(f"horizontal_flip is {found}; expected YES or NO")
    gathered = Gathered()
    for view, short_path in _short_paths(exam):
        try:
            path = _image(short_path, roots)
        except TableError as error:
            place = f"{listing.name}, exam {name}"
            gathered.refused.append(Refused(place, error.problem, error.hint))
            gathered.lost.append((listing, name, error.problem))
            continue
        gathered.candidates.append(
            Candidate(
                path=path,
                source=source_name(PurePath(short_path + path.suffix), PurePath()),
                given=True,
                view=view,
                exam=name,
                listing=listing,
                facing=facing_in_storage(view, horizontal_flip=flip),
            )
        )
    if not gathered.candidates and not gathered.refused:
        raise TableError("names no images", hint="each view has a list of short paths")
    return gathered


def _short_paths(exam: dict[Any, Any]) -> list[tuple[View, str]]:
    found = []
    for view in View:
        paths = exam.get(view.value, [])
        if not isinstance(paths, list | tuple) or not all(isinstance(p, str) for p in paths):
            raise TableError(
                f"{view.value} is {shown(repr(paths)[:60])}; expected a list of short paths"
            )
        found += [(view, path) for path in paths]
    return found


def _image(short_path: str, roots: Sequence[Path]) -> Path:
    """The image of a short path, in the first of the folders that has one."""
    outside = PureWindowsPath(short_path).anchor or ".." in PureWindowsPath(short_path).parts
    if outside or not short_path or "\0" in short_path:
        raise TableError(
            f"the short path {shown(short_path)!r} leads out of the image folder",
            hint="short paths are relative, without '..'",
        )
    whole = short_path.lower().endswith(EXTENSIONS)
    for root in roots:
        for extension in ("",) if whole else EXTENSIONS:
            path = root / (short_path + extension)
            if path.is_file():
                return path
    raise TableError(
        f"{shown(short_path)}.png: no such file beside the list or in its folder 'images'"
        if len(roots) > 1
        else f"{shown(short_path)}.png: no such file in the image folder",
        hint="give the folder that the short paths start from as the image folder",
    )


def _names(exams: Sequence[Any], stem: str) -> list[str]:
    """What the files' names have in common before the view; numbers if that is not one for each."""
    named = []
    for exam in exams:
        before = set()
        for view in View:
            paths = exam.get(view.value, []) if isinstance(exam, dict) else []
            for path in paths if isinstance(paths, list | tuple) else []:
                told = view_from_name(path) if isinstance(path, str) else None
                before.add(told.exam if told else "")
        named.append(before.pop() if len(before) == 1 else "")
    if len(set(named)) == len(named) and not any(wrong_exam_name(name) for name in named):
        return named
    return [f"{stem}-{number}" for number in range(len(exams))]
