"""A prepared view in a store: what its sidecar tells, and windows of its pixels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError
from fourview.core.exam import PreparedView
from fourview.core.geometry import Box, Placement
from fourview.core.views import Facing, View
from fourview.io.store.arrays import read_inside

VIEWS = "views"
"""The folder of the exams' folders."""
_HINT = "`fourview prepare exams.csv -o STORE --verify` names all that is damaged"


@dataclass(frozen=True, kw_only=True)
class StoredView:
    """One image of an exam, cut to the breast and facing rightward; its pixels are on disk.

    Holds no open file: it is small, may be pickled, and reads what it is asked for.
    """

    store: Path = field(repr=False, compare=False)
    """The store's folder."""
    exam: str
    image: str
    """`L-CC`; a second one of the view is `L-CC_2`."""
    view: View
    source: str
    """As the exam table calls it; a bare name for what it tells by an absolute path."""
    shape: tuple[int, int]
    placement: Placement
    """The way back to the source image's pixels."""
    optimal_center: tuple[int, int]
    """(row, column), where the network's window is centred; may lie outside."""
    mean: float
    """Of all pixels of the crop."""
    sd: float
    """Of the same (divided by their number)."""
    warnings: tuple[str, ...]
    facing: Facing | None
    """As told by the exam table."""
    pixel_spacing_mm: tuple[float, float] | None
    """As told by the exam table."""
    source_bytes: int
    """Size of the source's file."""
    source_sha256: str
    """Of the same file's bytes."""
    pixels_sha256: str
    """Of the source's decoded pixels, as stored there."""
    file: str
    """The array's, beside the sidecar."""
    bytes: int
    sha256: str
    """Of the array's file."""

    @property
    def path(self) -> Path:
        """The array's file."""
        return self.store / VIEWS / self.exam / self.file

    def window(self, box: Box) -> NDArray[np.uint16]:
        """The pixels in a box, a new array of its shape; 0 where the box lies outside the crop.

        Only the part of the file that the box touches is read.

        Raises:
            ImageError: the file is missing or damaged. A changed byte may go unnoticed here, and
                is found by `fourview prepare --verify`.
        """
        height, width = self.shape
        top, bottom = (min(max(edge, 0), height) for edge in (box.top, box.bottom))
        left, right = (min(max(edge, 0), width) for edge in (box.left, box.right))
        inside = Box(top, bottom, left, right)
        if inside == box:
            return self._read(inside)
        result = np.zeros(box.shape, dtype=np.uint16)
        if top < bottom and left < right:
            rows = slice(top - box.top, bottom - box.top)
            result[rows, left - box.left : right - box.left] = self._read(inside)
        return result

    def pixels(self) -> NDArray[np.uint16]:
        """The whole crop."""
        return self._read(Box(0, self.shape[0], 0, self.shape[1]))

    def prepared(self) -> PreparedView:
        """The view as it was prepared, bit for bit."""
        return PreparedView(
            pixels=self.pixels(),
            view=self.view,
            source=self.source,
            placement=self.placement,
            optimal_center=self.optimal_center,
            warnings=self.warnings,
        )

    def _read(self, box: Box) -> NDArray[np.uint16]:
        try:
            return read_inside(self.path, self.shape, box)
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            raise ImageError(f"{self.path}: {told or error}", hint=_HINT) from error

    def to_dict(self, key: str) -> dict[str, Any]:
        """The content of the sidecar.

        Args:
            key: the store's.
        """
        spacing = self.pixel_spacing_mm
        return {
            "key": key,
            "exam": self.exam,
            "image": self.image,
            "view": self.view.value,
            "source": self.source,
            "shape": list(self.shape),
            "optimal_center": list(self.optimal_center),
            "placement": {
                "source_shape": list(self.placement.source_shape),
                "resampled_shape": list(self.placement.resampled_shape),
                "crop": asdict(self.placement.crop),
                "flipped": self.placement.flipped,
            },
            "mean": self.mean,
            "sd": self.sd,
            "warnings": list(self.warnings),
            "told": {
                "facing": self.facing.value if self.facing else None,
                "pixel_spacing_mm": list(spacing) if spacing else None,
            },
            "source_bytes": self.source_bytes,
            "source_sha256": self.source_sha256,
            "pixels_sha256": self.pixels_sha256,
            "array": {"file": self.file, "bytes": self.bytes, "sha256": self.sha256},
        }


def sidecar_path(store: Path, exam: str, image: str) -> Path:
    """Where an image's sidecar lies."""
    return store / VIEWS / exam / f"{image}.json"


def read_sidecar(store: Path, key: str, exam: str, image: str) -> StoredView:
    """The view that a sidecar tells of; the array's file is not opened.

    Raises:
        ImageError: the sidecar is missing, damaged, or of a store of another key.
    """
    path = sidecar_path(store, exam, image)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file", hint=_HINT) from None
    except (OSError, ValueError) as error:
        raise ImageError(f"{path}: cannot be read: {error}", hint=_HINT) from error
    try:
        if values["key"] != key:
            raise ImageError(f"{path}: belongs to a store of another recipe", hint=_HINT)
        found = _from_dict(store, values)
    except (KeyError, TypeError, ValueError) as error:
        raise ImageError(f"{path}: damaged: {error!r}", hint=_HINT) from error
    if (found.exam, found.image) != (exam, image):
        raise ImageError(f"{path}: tells of {found.exam}/{found.image}", hint=_HINT)
    return found


def _from_dict(store: Path, values: Mapping[str, Any]) -> StoredView:
    placement, told, array = values["placement"], values["told"], values["array"]
    spacing = told["pixel_spacing_mm"]
    if Path(array["file"]).name != array["file"]:
        raise ValueError("the array's file is not beside it")
    return StoredView(
        store=store,
        exam=str(values["exam"]),
        image=str(values["image"]),
        view=View(values["view"]),
        source=str(values["source"]),
        shape=_pair(values["shape"]),
        placement=Placement(
            _pair(placement["source_shape"]),
            _pair(placement["resampled_shape"]),
            Box(**placement["crop"]),
            bool(placement["flipped"]),
        ),
        optimal_center=_pair(values["optimal_center"]),
        mean=float(values["mean"]),
        sd=float(values["sd"]),
        warnings=tuple(map(str, values["warnings"])),
        facing=Facing(told["facing"]) if told["facing"] else None,
        pixel_spacing_mm=(float(spacing[0]), float(spacing[1])) if spacing else None,
        source_bytes=int(values["source_bytes"]),
        source_sha256=str(values["source_sha256"]),
        pixels_sha256=str(values["pixels_sha256"]),
        file=str(array["file"]),
        bytes=int(array["bytes"]),
        sha256=str(array["sha256"]),
    )


def _pair(values: Any) -> tuple[int, int]:
    first, second = values
    return int(first), int(second)
