"""Mammograms from DICOM files: Digital Mammography X-Ray, and scanned film as Secondary Capture,
Computed Radiography or Digital X-Ray.

Nothing that names a patient is told or logged: no name, birth date, patient ID, accession number,
institution or date. A header keeps the patient ID and the study's date for grouping and for tables
that are asked for; a mammogram keeps neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset

from fourview.core.errors import ImageError, SetAside
from fourview.core.exam import Mammogram
from fourview.core.grayscale import Grayscale
from fourview.core.views import View
from fourview.io.dicom import values as read
from fourview.io.dicom.file import OpenDicom, is_dicom, opened
from fourview.io.dicom.grayscale import grayscale_told
from fourview.io.dicom.kind import kind_of, may_be_mammogram, reason_no_mammogram, sop_class
from fourview.io.dicom.layout import PixelLayout, pixel_layout
from fourview.io.dicom.pixel_element import PixelElement, pixel_element
from fourview.io.dicom.pixels import check_syntax, decoded, loss
from fourview.io.dicom.view import ViewTold, view_told
from fourview.io.dicom.when import study_date, years_of_age
from fourview.io.header import ImageHeader

__all__ = ["is_dicom", "read_dicom", "read_dicom_header"]

_SPACINGS = (
    ("ImagerPixelSpacing", "Imager Pixel Spacing (0018,1164)"),
    ("PixelSpacing", "Pixel Spacing (0028,0030)"),
    ("NominalScannedPixelSpacing", "Nominal Scanned Pixel Spacing (0018,2010)"),
)


@dataclass(frozen=True, kw_only=True)
class _Image:
    """What a mammogram's header tells beside its view."""

    layout: PixelLayout
    grayscale: Grayscale
    spacing: tuple[float, float] | None
    warnings: tuple[str, ...]


def read_dicom_header(path: Path) -> ImageHeader:
    """What a file's header tells; its pixels are found, but not read.

    Raises:
        ImageError: the file is no DICOM, is damaged or cut off, or its pixels are none of a
            greyscale image that can be read.
    """
    with opened(path, path.name) as file:
        dataset = file.dataset
        uid = sop_class(dataset, file.meta)
        pixels = pixel_element(file) if may_be_mammogram(dataset, uid) else None
        odd: list[str] = []
        header = ImageHeader(
            path=path,
            kind=kind_of(uid),
            reason=reason_no_mammogram(dataset, uid),
            study=read.text(dataset, "StudyInstanceUID") or None,
            patient=read.text(dataset, "PatientID") or None,
            instance=read.text(dataset, "SOPInstanceUID") or None,
            study_date=study_date(dataset, odd),
            age=years_of_age(dataset, odd),
            rows=max(0, read.integer(dataset, "Rows") or 0),
            columns=max(0, read.integer(dataset, "Columns") or 0),
            manufacturer=read.printable(read.text(dataset, "Manufacturer")),
        )
        if header.reason or pixels is None:
            return replace(header, warnings=tuple(odd))
        told = view_told(dataset)
        header = replace(
            header,
            view=told.view,
            reason=told.reason,
            may_be_named=bool(told.reason) and told.may_be_named,
            facing=told.facing,
            warnings=(*odd, *told.warnings),
        )
        if told.reason:
            return header
        image = _image(file, told, pixels)
        return replace(header, pixel_spacing_mm=image.spacing, warnings=(*odd, *image.warnings))


def read_dicom(path: Path, *, view: View | None = None, source: str | None = None) -> Mammogram:
    """The mammogram in a file, its pixels as stored.

    Args:
        view: what a manifest or the caller says; it wins over the header, with a warning where they
            disagree, and names the view where the header tells none.
        source: what to call the image; the file's name by default.
    Raises:
        SetAside: the object is no standard screening view: it is another kind of object or image,
            its header says another view, or its view is not told and `view` does not name it.
        ImageError: the file is no DICOM, is damaged or cut off, or its pixels cannot be read.
    """
    source = source or path.name
    with opened(path, source) as file:
        uid = sop_class(file.dataset, file.meta)
        pixels = pixel_element(file) if may_be_mammogram(file.dataset, uid) else None
        reason = reason_no_mammogram(file.dataset, uid)
        if reason or pixels is None:
            raise SetAside(f"{source}: {reason}")
        told = view_told(file.dataset)
        named, disagreement = _view(told, view, source)
        image = _image(file, told, pixels)
        about = _about(file, uid, image.layout)
        frame = pixels.load(file.stream)
    values, offset, remarks = decoded(frame, image.layout, source)
    return Mammogram(
        pixels=values,
        view=named,
        source=source,
        grayscale=_shifted(image.grayscale, offset),
        pixel_spacing_mm=image.spacing,
        facing=told.facing,
        implant=told.implant,
        about=about,
        warnings=(*disagreement, *image.warnings, *remarks),
    )


def _view(told: ViewTold, named: View | None, source: str) -> tuple[View, tuple[str, ...]]:
    """The view, and a warning where who names it and the header disagree."""
    if told.reason and not (named and told.may_be_named):
        way_out = f"name the view yourself: --view '{source}=L-CC'" if told.may_be_named else ""
        raise SetAside(f"{source}: {told.reason}", hint=way_out)
    if named is None:
        if told.view is None:
            missing = " and ".join(
                name
                for name, found in (
                    ("its laterality (0020,0062; 0020,0060)", told.laterality),
                    ("its view (0054,0220; 0018,5101)", told.position),
                )
                if not found
            )
            raise SetAside(
                f"{source}: the header does not tell {missing}",
                hint=f"name the view yourself: --view '{source}=L-CC'",
            )
        return told.view, ()
    if told.reason:
        return named, (f"named {named.value}; the header: {told.reason}",)
    side = told.laterality.value if told.laterality else ""
    if told.laterality not in (None, named.laterality) or told.position not in ("", named.position):
        header = "-".join(part for part in (side, told.position) if part)
        return named, (f"named {named.value}; the header says {header}",)
    return named, ()


def _image(file: OpenDicom, told: ViewTold, pixels: PixelElement) -> _Image:
    dataset = file.dataset
    warnings = list(told.warnings)
    check_syntax(file.syntax, file.source)
    layout, remarks = pixel_layout(dataset, file.syntax, file.source)
    warnings += remarks
    if not file.syntax.is_encapsulated and pixels.length < layout.n_bytes:
        raise ImageError(
            f"{file.source}: truncated: {pixels.length} bytes of Pixel Data where "
            f"{layout.n_bytes} are expected ({layout.rows} rows, {layout.columns} columns, "
            f"{layout.allocated} bits)"
        )
    grayscale = grayscale_told(
        dataset,
        bits=layout.stored,
        signed=layout.signed,
        little_endian=file.is_little_endian,
        warnings=warnings,
    )
    if lost := loss(file.syntax, read.text(dataset, "LossyImageCompression")):
        warnings.append(lost)
    spacing = _spacing(dataset, warnings)
    return _Image(
        layout=replace(layout, vr=pixels.vr),
        grayscale=grayscale,
        spacing=spacing,
        warnings=tuple(warnings),
    )


def _spacing(dataset: Dataset, warnings: list[str]) -> tuple[float, float] | None:
    """Millimetres between rows and between columns (PS3.3, 10.7): Pixel Spacing where it is
    calibrated, else at the detector, else whatever is told."""
    is_calibrated = read.word(dataset, "PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL")
    order = (_SPACINGS[1], _SPACINGS[0], _SPACINGS[2]) if is_calibrated else _SPACINGS
    for keyword, name in order:
        if keyword not in dataset:
            continue
        found = read.numbers(dataset, keyword)
        if len(found) == 2 and min(found) > 0:
            return found[0], found[1]
        if read.texts(dataset, keyword) or not found:
            warnings.append(f"{name} holds no two positive numbers: it is left")
    return None


def _shifted(grayscale: Grayscale, offset: int) -> Grayscale:
    """The same grey values for pixels shifted up by `offset`."""
    padding = grayscale.padding
    if padding is not None:
        low, high = padding[0] + offset, padding[1] + offset
        padding = (max(0, low), min(0xFFFF, high)) if high >= 0 and low <= 0xFFFF else None
    return replace(grayscale, offset=offset, padding=padding)


def _about(file: OpenDicom, uid: str, layout: PixelLayout) -> dict[str, str]:
    """What results may carry. UIDs identify objects; fourview calls an exam by its study's."""
    dataset = file.dataset
    about = {
        "kind": kind_of(uid),
        "manufacturer": read.text(dataset, "Manufacturer"),
        "model": read.text(dataset, "ManufacturerModelName"),
        "transfer_syntax": file.syntax.name,
        "photometric_interpretation": read.word(dataset, "PhotometricInterpretation"),
        "bits_stored": str(layout.stored),
        "sop_class_uid": uid,
        "sop_instance_uid": read.text(dataset, "SOPInstanceUID"),
        "series_instance_uid": read.text(dataset, "SeriesInstanceUID"),
        "study_instance_uid": read.text(dataset, "StudyInstanceUID"),
    }
    return {key: read.printable(found) for key, found in about.items() if found}
