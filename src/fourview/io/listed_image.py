"""The image that a row of exams.csv names, read."""

from __future__ import annotations

from pathlib import Path, PurePath, PureWindowsPath

from fourview.core.errors import ImageError
from fourview.core.exam import Mammogram
from fourview.core.records import ImageRecord
from fourview.io.dicom import read_dicom, read_dicom_header
from fourview.io.exams.files import ImageFile
from fourview.io.exams.reading import read_image
from fourview.io.header import ImageHeader
from fourview.io.names import shown, source_name
from fourview.io.png import is_png_or_tiff, read_png_header

_START = 132


def read_listed(image: ImageRecord, path: Path) -> Mammogram:
    """The mammogram in a file; what the row tells of view, facing and spacing wins.

    Raises:
        ImageError, SetAside: as the readers of files do; or no one tells the view.
        OSError: the file is not there, or cannot be opened.
    """
    source = listed_name(image)
    with path.open("rb") as file:
        start = file.read(_START)
    if start[128:] != b"DICM" and is_png_or_tiff(start):
        header, view = read_png_header(path, source=source), image.view
    else:
        header = ImageHeader(path=path, kind="DICOM")
        view = image.view or read_dicom_header(path).view
        if view is None:
            return read_dicom(path, source=source)  # which says why there is none
    if view is None:
        raise ImageError(f"{source}: its view is not told", hint="give it in the column view")
    facing, spacing = image.facing, image.pixel_spacing_mm
    return read_image(ImageFile(path, source, view, header, facing, spacing))


def listed_name(image: ImageRecord) -> str:
    """What the row's file is called in results: as written, but never an absolute path."""
    if PureWindowsPath(image.path).is_absolute():
        return shown(PureWindowsPath(image.path).name)
    path = PurePath(image.path)
    return shown(path.name) if ".." in path.parts else source_name(path, PurePath())
