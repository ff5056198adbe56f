"""What of a store is kept: views of the very files, and as told, that the exam table has now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fourview.dataset.preparing.images import TableImage, TablePlan
from fourview.io.checkpoint import file_sha256
from fourview.io.store.kind import StoreKind
from fourview.io.store.view import StoredView
from fourview.io.store.writing import whole_view


class Source(Enum):
    """The file that the table names, beside the one that a view was prepared from."""

    SAME = "same"
    OTHER = "other"
    NOT_READ = "not read"
    """It is not there, or cannot be read."""


@dataclass(frozen=True)
class Kept:
    """What is to be prepared, and what is not."""

    todo: tuple[tuple[TableImage, ...], ...]
    """By exam; exams that are done are left out."""
    views: int
    """Those that are kept."""
    no_source: int
    """Of these, those of which the source was not there, so that it was not compared."""


def kept_views(
    out: Path,
    kind: StoreKind,
    plan: TablePlan,
    *,
    jobs: int = 1,
    on_kept: Callable[[int], None] = lambda _views: None,
) -> Kept:
    """Which images of the plan are in the store, whole, as the table tells and of its files.

    Args:
        jobs: files that are hashed at once.
        on_kept: called with the number of views kept so far.
    """
    todo: list[tuple[TableImage, ...]] = []
    views = no_source = 0

    def source_of_kept(image: TableImage) -> Source | None:
        return _source_of_kept(out, kind, image)

    pool = ThreadPoolExecutor(jobs)  # threads: what takes long, hashing, lets the others run
    try:
        for images in _batches(plan, 16 * jobs):
            found = dict(zip(images, pool.map(source_of_kept, images), strict=True))
            kept = [one for one in found.values() if one in (Source.SAME, Source.NOT_READ)]
            views, no_source = views + len(kept), no_source + kept.count(Source.NOT_READ)
            by_exam: dict[str, list[TableImage]] = {}
            for image, source in found.items():
                if source in (None, Source.OTHER):
                    by_exam.setdefault(image.exam, []).append(image)
            todo += map(tuple, by_exam.values())
            on_kept(views)
    finally:
        pool.shutdown(cancel_futures=True)
    return Kept(tuple(todo), views, no_source)


def _batches(plan: TablePlan, least: int) -> Iterator[list[TableImage]]:
    """The images of whole exams, some at a time."""
    batch: list[TableImage] = []
    for images in plan.exams.values():
        batch += images
        if len(batch) >= least:
            yield batch
            batch = []
    yield batch


def _source_of_kept(out: Path, kind: StoreKind, image: TableImage) -> Source | None:
    """The source of a view that is there; None where it is not, or was told otherwise."""
    view = whole_view(out, kind, image.exam, image.image)
    if view is None or not image_told_as(image, view):
        return None
    return source_now(image, view)


def image_told_as(image: TableImage, view: StoredView) -> bool:
    """Whether the table tells of an image what it told when the view was prepared."""
    return (image.view, image.source, image.facing, image.pixel_spacing_mm) == (
        *(view.view, view.source, view.facing, view.pixel_spacing_mm),
    )


def source_now(image: TableImage, view: StoredView) -> Source:
    """Whether the table's file has the bytes that the view was prepared from.

    Names do not tell: an absolute path is known by its last part, a relative one starts at a
    folder that the caller gives, and images of one detector are all of one size.
    """
    try:
        if image.path.stat().st_size != view.source_bytes:
            return Source.OTHER
        is_same = file_sha256(image.path) == view.source_sha256
    except OSError:
        return Source.NOT_READ
    return Source.SAME if is_same else Source.OTHER
