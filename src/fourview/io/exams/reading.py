"""From an exam's files to the exam, pixels and all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from fourview.core.errors import ExamError, FourviewError
from fourview.core.exam import Exam, Mammogram
from fourview.core.views import FourViews
from fourview.io.dicom import read_dicom
from fourview.io.exams.files import ExamFiles, ImageFile, Refused
from fourview.io.png import read_png

_SAME_SPACING = 0.01  # two spacings that differ by less are one, told with other digits


def read_exam(files: ExamFiles, *, on_refused: Callable[[Refused], None] | None = None) -> Exam:
    """The exam with its mammograms read.

    A file that cannot be read is left out, with a warning; so are warned of the views of which
    there is no image. Raises ExamError where nothing can be read, or where two views hold the
    same pixels.

    Args:
        on_refused: called with each file that is left out.
    """
    images: list[Mammogram] = []
    refused: list[Refused] = []
    for file in files.images:
        try:
            images.append(read_image(file))
        except (FourviewError, OSError) as error:
            refused.append(Refused.because(error, file.source, file.path))
            if on_refused:
                on_refused(refused[-1])
    told = [f"{one.name} was refused: {one.reason}" for one in refused]
    if not images:
        raise ExamError(
            f"exam {files.name}: none of its images can be read: {'; '.join(told)}",
            hint=next((one.hint for one in refused if one.hint), ""),
        )
    _check_different(files.name, images)
    views = FourViews.build(lambda view: tuple(image for image in images if image.view is view))
    missing = [f"no image of {view.value}" for view, found in views.pairs() if not found]
    return Exam(files.name, views, (*files.warnings, *told, *missing))


def read_image(file: ImageFile) -> Mammogram:
    """One file's mammogram; what a list tells of it wins over the file, with a warning."""
    if not file.is_dicom:
        return read_png(
            file.path,
            file.view,
            source=file.source,
            pixel_spacing_mm=file.pixel_spacing_mm,
            facing=file.facing,
        )
    image = read_dicom(file.path, view=file.view, source=file.source)
    warnings = list(image.warnings)
    facing, spacing = file.facing or image.facing, file.pixel_spacing_mm or image.pixel_spacing_mm
    if facing is not None and image.facing is not None and facing is not image.facing:
        warnings.append(
            f"{file.source} is listed as facing {facing.value}; "
            f"its header says {image.facing.value}"
        )
    if (
        spacing is not None
        and image.pixel_spacing_mm is not None
        and not np.allclose(spacing, image.pixel_spacing_mm, rtol=_SAME_SPACING)
    ):
        warnings.append(
            f"{file.source} is listed with a pixel spacing of {_mm(spacing)}; "
            f"its header says {_mm(image.pixel_spacing_mm)}"
        )
    return replace(image, facing=facing, pixel_spacing_mm=spacing, warnings=tuple(warnings))


def _mm(spacing: tuple[float, float]) -> str:
    return " × ".join(f"{one:g}" for one in spacing) + " mm"


def _check_different(name: str, images: Sequence[Mammogram]) -> None:
    for one, other in combinations(images, 2):
        if one.view is not other.view and np.array_equal(one.pixels, other.pixels):
            raise ExamError(
                f"exam {name}: {one.view.value} and {other.view.value} are the same image "
                f"({one.source}, {other.source})",
                hint="give each view its own image",
            )
