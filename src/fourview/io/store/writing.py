"""Writing a store: begun or gone on with, a view at a time, its index at the end.

A view's array is written before its sidecar, each under its final name only when it is whole. So
a sidecar stands for a view that is done, whenever the run was stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError, OutputError
from fourview.core.exam import PreparedView
from fourview.core.records import OK
from fourview.core.views import Facing
from fourview.io.atomic import PARTIAL, cannot_write, remove_file, write_file
from fourview.io.results import write_json
from fourview.io.store.arrays import COMPRESSED, PLAIN, encoded, extension
from fourview.io.store.kind import ABOUT, StoreKind, read_kind
from fourview.io.store.view import VIEWS, StoredView, read_sidecar, sidecar_path
from fourview.io.tables import write_table

INDEX = "views.csv"
INDEX_COLUMNS = (
    *("exam", "view", "image", "status", "reason", "source", "file", "rows", "columns"),
    *("center_row", "center_column", "mean", "sd", "bytes", "warnings"),
)


@contextlib.contextmanager
def store_to_write(folder: Path, kind: StoreKind) -> Iterator[None]:
    """Begin a store, or go on with one of the same kind; nobody else may write it meanwhile.

    Raises:
        OutputError: the folder holds something else, another run is writing it, or it cannot be
            written.
        RecipeError: it holds a store of another recipe.
        TableError: its store.json is damaged.
    """
    try:
        found = [] if not folder.exists() else [path.name for path in folder.iterdir()]
    except OSError as error:
        raise cannot_write(folder, error) from error
    if ABOUT in found:
        read_kind(folder).check(kind, folder)
    elif others := sorted(name for name in found if not PARTIAL.fullmatch(name)):
        raise OutputError(
            f"{folder}: neither empty nor a store: it holds {others[0]}"
            + (f" and {len(others) - 1} more" if len(others) > 1 else ""),
            hint="give an empty or new folder with -o, or a store to go on with",
        )
    else:
        write_json(folder / ABOUT, kind.to_dict())
    with _alone(folder):
        for name in found:
            if PARTIAL.fullmatch(name):
                remove_file(folder / name)
        yield


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the store; the system lets go of it when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (folder / ABOUT).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                f"{folder}: another run is writing this store", hint="wait for it, or stop it"
            ) from None
        except OSError:  # a file system without locks
            pass
        yield


def write_view(
    store: Path,
    kind: StoreKind,
    prepared: PreparedView,
    *,
    exam: str,
    image: str,
    pixels_sha256: str,
    source_bytes: int,
    source_sha256: str,
    facing: Facing | None = None,
    pixel_spacing_mm: tuple[float, float] | None = None,
) -> StoredView:
    """Put a prepared view into a store, in place of one of the same name.

    Args:
        image: its name in the exam.
        pixels_sha256: of the source's pixels, see `pixels_digest`.
        source_bytes: size of the source's file.
        source_sha256: of the same file's bytes.
        facing: as the exam table tells it, to know when it tells another; so `pixel_spacing_mm`.

    Raises:
        OutputError: the disk is full, or the folder cannot be written to.
    """
    remove_view(store, exam, image)
    content = encoded(prepared.pixels, kind.store)
    mean, sd = _mean_and_sd(prepared.pixels)
    view = StoredView(
        store=store,
        exam=exam,
        image=image,
        view=prepared.view,
        source=prepared.source,
        shape=prepared.pixels.shape,
        placement=prepared.placement,
        optimal_center=prepared.optimal_center,
        mean=mean,
        sd=sd,
        warnings=prepared.warnings,
        facing=facing,
        pixel_spacing_mm=pixel_spacing_mm,
        source_bytes=source_bytes,
        source_sha256=source_sha256,
        pixels_sha256=pixels_sha256,
        file=image + extension(kind.store),
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    write_file(view.path, content)
    write_json(sidecar_path(store, exam, image), view.to_dict(kind.key))
    return view


def pixels_digest(pixels: NDArray[np.uint16]) -> str:
    """SHA-256 of an image's pixels, row by row, little-endian."""
    return hashlib.sha256(np.ascontiguousarray(pixels, dtype="<u2").data).hexdigest()


def _mean_and_sd(pixels: NDArray[np.uint16]) -> tuple[float, float]:
    """From whole numbers, so that no order of adding moves them."""
    n = pixels.size
    total = int(pixels.sum(dtype=np.uint64))
    squares = int(np.square(pixels, dtype=np.uint64).sum(dtype=np.uint64))
    return total / n, math.sqrt(n * squares - total * total) / n


def whole_view(store: Path, kind: StoreKind, exam: str, image: str) -> StoredView | None:
    """The view of that name, if it is in the store with an array of the right size."""
    try:
        view = read_sidecar(store, kind.key, exam, image)
        is_whole = view.path.stat().st_size == view.bytes
    except (ImageError, OSError):
        return None
    return view if is_whole and view.file == image + extension(kind.store) else None


def remove_view(store: Path, exam: str, image: str) -> None:
    """Take a view away, its sidecar first: without one an array is nobody's."""
    for path in (sidecar_path(store, exam, image), *_arrays(store, exam, image)):
        remove_file(path)


def _arrays(store: Path, exam: str, image: str) -> Iterator[Path]:
    return (store / VIEWS / exam / f"{image}{end}" for end in (PLAIN, COMPRESSED))


def tidy(store: Path, exam: str, images: Iterable[str]) -> None:
    """Take away what killed runs left in an exam's folder, and images that it no longer has."""
    known = {f"{image}{end}" for image in images for end in (".json", PLAIN, COMPRESSED)}
    folder = store / VIEWS / exam
    try:
        found = [path for path in folder.iterdir() if path.name not in known]
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in found:
        if PARTIAL.fullmatch(path.name) or path.suffix in (".json", PLAIN, COMPRESSED):
            remove_file(path)
    if not known:
        with contextlib.suppress(OSError):  # somebody's own files in it
            folder.rmdir()


def index_row(view: StoredView) -> dict[str, str | int | float]:
    """A view's row of views.csv."""
    return {
        "exam": view.exam,
        "view": view.view.value,
        "image": view.image,
        "status": OK,
        "reason": "",
        "source": view.source,
        "file": view.path.relative_to(view.store).as_posix(),
        "rows": view.shape[0],
        "columns": view.shape[1],
        "center_row": view.optimal_center[0],
        "center_column": view.optimal_center[1],
        "mean": view.mean,
        "sd": view.sd,
        "bytes": view.bytes,
        "warnings": "; ".join(view.warnings),
    }


def write_index(store: Path, rows: Iterable[Mapping[str, str | int | float]]) -> None:
    """Write views.csv; a store without one is not finished."""
    write_table(store / INDEX, INDEX_COLUMNS, rows)
