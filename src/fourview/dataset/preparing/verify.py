"""Whether a store is whole, of its exam table, and of the sources that it was made from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fourview.core.errors import FourviewError, TableError
from fourview.core.records import REFUSED, Problem
from fourview.dataset.preparing.images import TableImage, TablePlan, planned
from fourview.dataset.preparing.kept import Source, image_told_as, source_now
from fourview.dataset.preparing.prepare import PrepareOptions, Progress
from fourview.io.atomic import PARTIAL
from fourview.io.exams.files import Refused
from fourview.io.processes import in_processes
from fourview.io.store.kind import StoreKind, read_kind
from fourview.io.store.reading import read_index
from fourview.io.store.view import VIEWS, StoredView, read_sidecar, sidecar_path
from fourview.io.store.writing import INDEX, index_row, pixels_digest

_AGAIN = "`fourview prepare` without --verify makes it anew"
_REDO = "take its .json away and run `fourview prepare`, which makes it anew"
_FOREIGN = "take it away, or give the table that has it"


@dataclass(frozen=True)
class VerifyResult:
    """What was found."""

    views: int
    """Checked."""
    problems: tuple[Problem, ...]
    no_source: int
    """Views of which the source is not there, so that it was not compared."""

    @property
    def exit_code(self) -> int:
        """0 whole, 1 not, or nothing there to check."""
        return 1 if self.problems or not self.views else 0


@dataclass
class _Checked:
    views: int = 0
    no_source: int = 0
    problems: list[Problem] = field(default_factory=list)


IndexRow = Mapping[str, str]


def verify_store(
    table: Path,
    out: Path,
    options: PrepareOptions,
    *,
    on_progress: Progress = lambda _done, _all: None,
) -> VerifyResult:
    """Hash every file of a store again and compare it with its sidecar, the exam table and, where
    it is there, its source's bytes and pixels. Nothing is changed.

    Without a recipe and settings, the store's own recipe is taken.

    Raises:
        TableError: the table or the store cannot be read as such.
        RecipeError: the store is of another recipe than the one given.
    """
    kind = read_kind(out)
    if options.recipe or options.settings:
        kind.check(options.kind(), out)
    plan = planned(table, image_root=options.image_root)
    problems = list(_foreign(out, plan))
    index, told = _index(out, plan)
    problems += told
    tasks = [
        tuple((image, index.get(image.number) if index else None) for image in images)
        for images in plan.exams.values()
    ]
    total, done, views, no_source = sum(map(len, tasks)), 0, 0, 0
    found: list[Problem] = []
    for number, checked in enumerate(
        in_processes(options.jobs, partial(_check_exam, out, kind, index is not None), tasks)
    ):
        found += checked.problems
        views, no_source = views + checked.views, no_source + checked.no_source
        done = round(total * (number + 1) / len(tasks))
        on_progress(done, total)
    problems += sorted(found, key=lambda problem: problem.place)
    return VerifyResult(views, tuple(problems), no_source)


def _index(out: Path, plan: TablePlan) -> tuple[dict[int, IndexRow] | None, list[Problem]]:
    """The rows of views.csv by number; None where they do not stand for the table's."""
    try:
        rows: dict[int, IndexRow] = dict(enumerate(read_index(out)))
    except TableError as error:
        return None, [Problem(INDEX, _without(out, error.problem), _AGAIN)]
    if [row["exam"] for row in rows.values()] != [row.exam for row in plan.rows]:
        problem = f"its {len(rows)} rows are not those of the exam table, of {len(plan.rows)}"
        return None, [Problem(INDEX, problem, _AGAIN)]
    return rows, []


def _without(out: Path, told: str) -> str:
    """A problem's text, without the folder that the caller gave."""
    return told.removeprefix(f"{out}: ").replace(f"{out}{os.sep}", "")


def _foreign(out: Path, plan: TablePlan) -> Iterator[Problem]:
    """Whatever lies among the views and is none of the table's."""
    for path in sorted(out.iterdir()):
        if PARTIAL.fullmatch(path.name):
            yield Problem(path.name, "a file that was not finished", _AGAIN)
    views = out / VIEWS
    for folder in sorted(views.iterdir()) if views.is_dir() else ():
        place = f"{VIEWS}/{folder.name}"
        if folder.name not in {row.exam for row in plan.rows}:
            yield Problem(place, "the exam table has no such exam", _FOREIGN)
            continue
        known = {image.image for image in plan.exams.get(folder.name, ())}
        for path in sorted(folder.iterdir()):
            if PARTIAL.fullmatch(path.name):
                yield Problem(f"{place}/{path.name}", "a file that was not finished", _AGAIN)
            elif path.stem not in known:
                yield Problem(f"{place}/{path.name}", "the exam table has no such image", _FOREIGN)


def _check_exam(
    out: Path,
    kind: StoreKind,
    has_index: bool,
    images: tuple[tuple[TableImage, IndexRow | None], ...],
) -> _Checked:
    checked = _Checked()
    for image, row in images:
        place = f"{VIEWS}/{image.exam}/{image.image}"

        def tell(problem: str, hint: str = _AGAIN, place: str = place) -> None:
            checked.problems.append(Problem(place, problem, hint))

        is_there = sidecar_path(out, image.exam, image.image).exists()
        if row is not None and row["status"] == REFUSED and not is_there:
            continue
        checked.views += 1
        if not is_there:
            tell("missing")
            continue
        try:
            view = read_sidecar(out, kind.key, image.exam, image.image)
        except FourviewError as error:
            tell(_without(out, error.problem))
            continue
        if not image_told_as(image, view):
            tell(f"the exam table tells otherwise of it: {image.source}")
        _check_array(view, tell)
        if has_index and row != {name: str(value) for name, value in index_row(view).items()}:
            tell(f"{INDEX} tells otherwise of it")
        checked.no_source += not _check_source(image, view, tell)
    return checked


def _check_array(view: StoredView, tell: Callable[..., None]) -> None:
    try:
        content = view.path.read_bytes()
    except FileNotFoundError:
        tell(f"{view.file} is missing")
        return
    except OSError as error:
        tell(f"{view.file} cannot be read: {error.strerror or error}")
        return
    if len(content) != view.bytes:
        tell(f"{view.file} has {len(content)} bytes; it was written with {view.bytes}")
    elif hashlib.sha256(content).hexdigest() != view.sha256:
        tell(f"{view.file} is damaged: its SHA-256 is not the one it was written with", _REDO)


def _check_source(image: TableImage, view: StoredView, tell: Callable[..., None]) -> bool:
    """Compare with the source's pixels; False where it is not there."""
    if not image.path.is_file():
        return False
    try:
        mammogram = image.read()
    except (FourviewError, OSError) as error:
        reason = Refused.because(error, image.source, image.path).reason
        tell(f"its source, {image.source}, cannot be read any more: {reason}")
        return True
    if pixels_digest(mammogram.pixels) != view.pixels_sha256:
        tell(f"its source, {image.source}, has other pixels than it was prepared from")
    elif source_now(image, view) is Source.OTHER:
        tell(
            f"its source, {image.source}, is another file than it was prepared from, of "
            "the same pixels"
        )
    return True
