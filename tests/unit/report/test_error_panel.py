"""What a panel of an error analysis shows, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fourview.core.views import Facing
from fourview.report.error_panel import ErrorPanel, PanelImage, error_panel

SHAPE = (120, 60)


def image(width: int = 60, *, mask: bool = True, maps: bool = True) -> PanelImage:
    """A grey breast with a lesion of each class and a heatmap that is high at its lower end."""
    shape = (SHAPE[0], width)
    pixels = np.tile(np.linspace(2000, 3000, SHAPE[0]).astype(np.uint16)[:, None], (1, width))
    marks = np.zeros(shape, np.uint8)
    for value in (1, 2, 3):
        marks[10 + 25 * value : 15 + 25 * value, 20:30] = value
    high = np.zeros(shape, np.float32)
    high[100:, :] = 1
    return PanelImage(
        name=f"R-{width}",
        pixels=pixels,
        mask=marks if mask else None,
        benign=high if maps else None,
        malignant=high / 2 if maps else None,
    )


def drawn(*images: PanelImage, facing: Facing = Facing.LEFT) -> NDArray[np.uint8]:
    """`(H, W, 3)`, red first."""
    panel = ErrorPanel("False positive 1: exam a, right breast", ["Model: 0.9"], images, facing)
    png, svg = error_panel(panel)
    assert error_panel(panel) == (png, svg)
    found = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(found[..., ::-1], dtype=np.uint8)


def count(picture: NDArray[np.uint8], red: bool, green: bool) -> int:
    """Saturated pixels of a hue, without blue."""
    channels = picture.astype(int)
    is_red, is_green = channels[..., 0] > 190, channels[..., 1] > 170
    return int(((is_red == red) & (is_green == green) & (channels[..., 2] < 90)).sum())


def test_lesions_have_the_colours_of_the_paper() -> None:
    marked = drawn(image(maps=False))
    plain = drawn(image(mask=False, maps=False))
    for red, green in ((True, False), (False, True), (True, True)):
        assert count(marked, red, green) > 30
        assert count(plain, red, green) == 0


def test_heatmaps_colour_their_own_columns() -> None:
    """Benign green in the third quarter, malignant red in the fourth, half as strong."""
    picture = drawn(image()).astype(int)
    quarter = picture.shape[1] // 4
    third, fourth = picture[:, 2 * quarter : 3 * quarter], picture[:, 3 * quarter :]
    greener = (third[..., 1] - third[..., 0]).max()
    redder = (fourth[..., 0] - fourth[..., 1]).max()
    assert greener > 100
    assert 30 < redder < greener
    rows = np.flatnonzero((third[..., 1] - third[..., 0]).max(axis=1) > 100)
    first = picture[rows[0] : rows[-1], :quarter]
    assert np.abs(first[..., 0] - first[..., 1]).max() == 0


@pytest.mark.parametrize(("mask", "maps", "columns"), [(True, True, 4), (True, False, 2)])
def test_columns_without_content_are_left_out(mask: bool, maps: bool, columns: int) -> None:
    few = drawn(image(mask=mask, maps=maps), image(mask=mask, maps=maps))
    assert few.shape[1] == pytest.approx(max(2.5 * columns, 5.0) * 130, abs=2)


@pytest.mark.parametrize("facing", list(Facing))
def test_chest_walls_are_in_line(facing: Facing) -> None:
    """A narrow image below a wide one: its chest wall's edge stays in the wide one's column."""
    picture = drawn(image(mask=False, maps=False), image(30, mask=False, maps=False), facing=facing)
    bright = (picture > 60).all(axis=2)
    half = picture.shape[0] // 2
    # whole columns of image, not letters
    upper, lower = (
        np.flatnonzero(part.mean(axis=0) > 0.3) for part in (bright[:half], bright[half:])
    )
    wall = -1 if facing is Facing.LEFT else 0
    assert abs(int(upper[wall]) - int(lower[wall])) <= 2
    assert np.ptp(lower) == pytest.approx(np.ptp(upper) / 2, rel=0.05)
