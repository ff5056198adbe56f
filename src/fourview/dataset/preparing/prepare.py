"""A data set's images prepared into a store; stopped, it goes on where it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fourview.core.errors import FourviewError, OutputError, RecipeError
from fourview.core.recipe import recipe_with
from fourview.dataset.preparing.images import TableImage, TablePlan, planned
from fourview.dataset.preparing.index import StoreIndex, Warned
from fourview.dataset.preparing.kept import kept_views
from fourview.inference.prepare import prepare
from fourview.io.atomic import remove_file
from fourview.io.exams.files import Refused
from fourview.io.processes import in_processes
from fourview.io.recipes import is_data_setting, named_data_recipe, named_recipe
from fourview.io.store.kind import StoreKind
from fourview.io.store.view import VIEWS
from fourview.io.store.writing import (
    INDEX,
    pixels_digest,
    remove_view,
    store_to_write,
    tidy,
    write_index,
    write_view,
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class PrepareOptions:
    """The choices of `fourview prepare`."""

    recipe: str | None = None
    """A named recipe or a TOML file; None: the paper's."""
    settings: tuple[str, ...] = ()
    """`section.key=value`, of images or of the store."""
    jobs: int = 1
    """Processes. They move no byte."""
    image_root: Path | None = None
    """Where relative paths start; the table's folder if None."""

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise RecipeError(f"--jobs is {self.jobs}; it must be at least 1")

    def kind(self) -> StoreKind:
        """The store that is asked for. Raises RecipeError for a wrong recipe or setting."""
        name = self.recipe or "paper"
        of_data = [setting for setting in self.settings if is_data_setting(setting)]
        of_images = [setting for setting in self.settings if not is_data_setting(setting)]
        return StoreKind(
            recipe_with(named_recipe(name), of_images), named_data_recipe(name, of_data).store
        )


@dataclass(frozen=True, kw_only=True)
class PrepareResult:
    """What a store holds now."""

    views: int
    """In the store."""
    done_before: int
    """Of these, those that an earlier run had left."""
    refused: tuple[tuple[str, Refused], ...]
    """Exam and image, of those that could not be prepared; the exam empty for a row of the table
    that cannot be read."""
    left_out: int
    """Rows that the table itself sets aside or refuses."""
    stored_bytes: int
    """Of the arrays."""
    pixel_bytes: int
    """Of the same arrays, not compressed."""
    source_bytes: int
    """Of the files that they were made from."""
    no_source: int
    """Of those done before, those of which the source is not there, so that it was not compared."""
    warned_views: int
    """Those in the store with a warning; views.csv has all."""
    warnings: tuple[Warned, ...]
    """Each text once."""

    @property
    def exit_code(self) -> int:
        """0 done, 1 nothing could be prepared, 3 some were refused."""
        if not self.views:
            return 1
        return 3 if self.refused else 0


def prepare_images(
    table: Path,
    out: Path,
    options: PrepareOptions,
    *,
    on_progress: Progress = lambda _done, _all: None,
) -> PrepareResult:
    """Crop, face rightward and centre each image of an exam table, and store it.

    What is in the store, whole and of the file's very bytes, is not done again; a file that is not
    there is not compared. The same table and recipe give the same bytes, whatever `jobs` and
    however often it was stopped.

    Raises:
        TableError: the table, or the store that is there, cannot be read.
        RecipeError: a setting is wrong, or `out` is a store of another recipe.
        OutputError: `out` is something else or holds exams of another table, or the disk is full.
    """
    kind = options.kind()
    plan = planned(table, image_root=options.image_root)
    with store_to_write(out, kind):
        _check_exams(out, plan)
        refused = dict(plan.refused)
        total = sum(map(len, plan.exams.values()))
        kept = kept_views(
            *(out, kind, plan), jobs=options.jobs, on_kept=lambda views: on_progress(views, total)
        )
        if kept.todo:
            remove_file(out / INDEX)  # until all is done, the store is not finished
        for exam, images in plan.exams.items():
            tidy(out, exam, [image.image for image in images])
        done = kept.views
        for outcome in in_processes(options.jobs, partial(_prepare_exam, out, kind), kept.todo):
            refused.update(outcome.refused)
            done += outcome.images
            on_progress(done, total)
        index = StoreIndex(out, kind, plan, refused)
        write_index(out, index.rows())
    return PrepareResult(
        views=index.views,
        done_before=min(kept.views, index.views),
        refused=(
            *(("", one) for one in plan.unreadable_rows),
            *((plan.rows[number].exam, index.refused[number]) for number in sorted(index.refused)),
        ),
        left_out=sum(not row.is_used for row in plan.rows),
        stored_bytes=index.stored_bytes,
        pixel_bytes=index.pixel_bytes,
        source_bytes=index.source_bytes,
        no_source=kept.no_source,
        warned_views=index.warned_views,
        warnings=index.warnings,
    )


def _check_exams(out: Path, plan: TablePlan) -> None:
    """Refuse a store with exams that the table does not have: it may be of another data set."""
    known = {row.exam for row in plan.rows}
    views = out / VIEWS
    if not views.is_dir():
        return
    with os.scandir(views) as entries:
        foreign = sorted(one.name for one in entries if one.is_dir() and one.name not in known)
    if foreign:
        count = "an exam" if len(foreign) == 1 else f"{len(foreign)} exams"
        raise OutputError(
            f"{out}: holds {count} that the table does not have: {some(foreign)}",
            hint=f"give another folder with -o; or take their folders in {views} away",
        )


def some(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


@dataclass(frozen=True)
class _Outcome:
    """Of an exam's images."""

    images: int
    refused: dict[int, Refused]


def _prepare_exam(out: Path, kind: StoreKind, images: tuple[TableImage, ...]) -> _Outcome:
    refused = {}
    for image in images:
        try:
            _prepare_image(out, kind, image)
        except OutputError:
            raise
        except (FourviewError, OSError) as error:
            remove_view(out, image.exam, image.image)
            refused[image.number] = Refused.because(error, image.source, image.path)
    return _Outcome(len(images), refused)


def _prepare_image(out: Path, kind: StoreKind, image: TableImage) -> None:
    size, sha256 = image.source_digest()  # before it is read: a change meanwhile is then noticed
    mammogram = image.read()
    write_view(
        out,
        kind,
        prepare(mammogram, kind.recipe),
        exam=image.exam,
        image=image.image,
        pixels_sha256=pixels_digest(mammogram.pixels),
        source_bytes=size,
        source_sha256=sha256,
        facing=image.facing,
        pixel_spacing_mm=image.pixel_spacing_mm,
    )
