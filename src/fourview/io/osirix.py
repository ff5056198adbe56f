"""Regions of interest as OsiriX exports them: an XML property list, one file an image."""

from __future__ import annotations

import plistlib
import re
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from fourview.core.errors import TableError

Points = tuple[tuple[float, float], ...]
_POINT = re.compile(r"\(?\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\)?")
_MOST_BYTES = 64 * 2**20


def read_osirix_regions(path: Path) -> list[tuple[str, Points]]:
    """The name and outline of each region; points are (x, y), column and row, in pixels.

    Raises:
        TableError: the file is no such list. One with entity declarations is refused: they could
            make it grow without end.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise TableError(f"{path.name}: larger than {_MOST_BYTES >> 20} MiB; no list of regions")
    try:
        content = plistlib.loads(path.read_bytes(), fmt=plistlib.FMT_XML)
    except (plistlib.InvalidFileException, ExpatError, ValueError, IndexError, KeyError) as error:
        raise TableError(
            f"{path.name}: not a property list of regions: {error}",
            hint="expected the XML that OsiriX exports, with Images and ROIs",
        ) from error
    regions: list[tuple[str, Points]] = []
    for image in _list(content, "Images", path):
        for region in _list(image, "ROIs", path):
            if not isinstance(region, dict):
                raise TableError(f"{path.name}: a region is no list of named values")
            texts = region.get("Point_px") or []
            regions.append((str(region.get("Name", "")), _points(texts, path)))
    return regions


def _list(content: Any, name: str, path: Path) -> list[Any]:
    found = content.get(name) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise TableError(
            f"{path.name}: no list {name!r} in it",
            hint="expected the XML that OsiriX exports, with Images and ROIs",
        )
    return found


def _points(texts: list[Any], path: Path) -> Points:
    points = []
    for text in texts:
        found = _POINT.fullmatch(str(text).strip())
        if found is None:
            raise TableError(f"{path.name}: {str(text)[:40]!r} is no point; expected '(x, y)'")
        points.append((float(found[1]), float(found[2])))
    return tuple(points)
