"""One image as a file of which a window can be read alone: .npy, or compressed .b2nd (blosc2)."""

from __future__ import annotations

import contextlib
import functools
import io
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.data_recipe import StoreRecipe
from fourview.core.geometry import Box

PLAIN, COMPRESSED = ".npy", ".b2nd"
_LEVEL = 5
"""Of lz4hc, bits shuffled: read in two thirds of zstd's time, and 4 % larger (docs/store.md)."""
_BLOCK_ROWS = 64
"""A chunk is decompressed in blocks of so many rows: a patch reads only those that it touches."""


def extension(store: StoreRecipe) -> str:
    """Of the files of such a store."""
    return COMPRESSED if store.compressed else PLAIN


def encoded(pixels: NDArray[np.uint16], store: StoreRecipe) -> bytes:
    """The file's content; the same pixels give the same bytes.

    Args:
        pixels: `(H, W)`, not empty.
    """
    pixels = np.ascontiguousarray(pixels, dtype="<u2")
    if not store.compressed:
        data = io.BytesIO()
        np.save(data, pixels, allow_pickle=False)
        return data.getvalue()
    import blosc2  # takes half a second, and plain stores do without

    rows, columns = (min(store.chunk_px, side) for side in pixels.shape)
    with _no_blosc_variables():
        array = blosc2.asarray(
            pixels,
            chunks=(rows, columns),
            blocks=(min(_BLOCK_ROWS, rows), columns),
            cparams={
                "codec": blosc2.Codec.LZ4HC,
                "clevel": _LEVEL,
                "filters": [blosc2.Filter.BITSHUFFLE],
                "typesize": 2,
                "nthreads": 1,  # more of them would write the blocks in the order they are done
            },
        )
        content: bytes = array.to_cframe()
    return content


@contextlib.contextmanager
def _no_blosc_variables() -> Iterator[None]:
    """BLOSC_NTHREADS and its like, which win over what is asked for, and move bytes."""
    found = {name: text for name, text in os.environ.items() if name.startswith("BLOSC_")}
    for name in found:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(found)


def read_inside(path: Path, shape: tuple[int, int], box: Box) -> NDArray[np.uint16]:
    """A copy of the pixels in a box that lies inside the image.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it holds no array of 16 bits of this shape.
    """
    if path.suffix == PLAIN:
        return np.array(_mapped(path, shape)[box.slices])
    import blosc2

    if not path.is_file():
        raise FileNotFoundError(2, "no such file")
    try:
        array = blosc2.open(str(path), mode="r", dparams={"nthreads": 1})
        _check(array.shape, array.dtype, shape)
        pixels: NDArray[np.uint16] = array[box.slices]
    except (RuntimeError, AttributeError) as error:  # blosc2's words for a damaged file
        raise ValueError("no blosc2 array, or a damaged one") from error
    return pixels


def _mapped(path: Path, shape: tuple[int, int]) -> NDArray[np.uint16]:
    """The array of a .npy file, not read yet.

    A file that begins as this program writes it is mapped at once: parsing headers takes longer
    than reading a patch.
    """
    header = _header(shape)
    with path.open("rb", buffering=0) as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if content[: len(header)] == header and len(content) == len(header) + 2 * shape[0] * shape[1]:
        return np.frombuffer(content, "<u2", offset=len(header)).reshape(shape)
    mapped = np.lib.format.open_memmap(path, mode="r")
    _check(mapped.shape, mapped.dtype, shape)
    return mapped


@functools.lru_cache(maxsize=4096)
def _header(shape: tuple[int, int]) -> bytes:
    """What a .npy file of this shape begins with."""
    data = io.BytesIO()
    values = {"descr": "<u2", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(data, values)
    return data.getvalue()


def _check(shape: tuple[int, ...], dtype: np.dtype[np.generic], wanted: tuple[int, int]) -> None:
    if tuple(shape) != wanted or dtype != np.dtype("<u2"):
        raise ValueError(f"holds {dtype} of shape {tuple(shape)}; uint16 of {wanted} was expected")
