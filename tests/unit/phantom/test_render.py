"""What a drawn view is, as stored; and that its truth agrees with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fourview.core.views import Facing, Laterality, View
from fourview.imaging.breast import crop_around
from fourview.imaging.segmentation import breast_mask, facing_of
from fourview.phantom.plan import ExamPlan, FindingClass, FindingType, Vendor
from fourview.phantom.render import render_view
from support.phantom_plans import INVERTED, LABELLED, PLAIN, SIGMOID, VENDORS, finding, plan

SCALE = 0.1


def test_the_same_plan_gives_the_same_bytes() -> None:
    exam = plan(3, findings=(finding(),))
    first = render_view(exam, View.L_CC, scale=SCALE)
    render_view(plan(4), View.R_MLO, scale=SCALE)  # what else was drawn does not matter
    again = render_view(exam, View.L_CC, scale=SCALE)
    assert first.pixels.tobytes() == again.pixels.tobytes()
    assert first.mask.tobytes() == again.mask.tobytes()
    assert first.places == again.places


def test_a_repeat_is_another_image_of_the_same_breast() -> None:
    exam = plan(3)
    first = render_view(exam, View.L_CC, scale=SCALE)
    other = render_view(exam, View.L_CC, scale=SCALE, repeat=1)
    assert first.pixels.shape == other.pixels.shape
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.5])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        render_view(plan(), View.L_CC, scale=scale)


@pytest.mark.parametrize("view", [View.R_CC, View.L_MLO])
def test_a_smaller_scale_shows_the_same_structures(view: View) -> None:
    exam = plan(5, density="c", findings=(finding(), finding("F2", laterality=Laterality.RIGHT)))
    large = render_view(exam, view, scale=0.5)
    small = render_view(exam, view, scale=0.125)
    size = small.pixels.shape[::-1]
    reduced = cv2.resize(large.pixels.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    inside = cv2.erode((small.pixels > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    fine = [
        image - cv2.GaussianBlur(image, (0, 0), 6) for image in (reduced, _floats(small.pixels))
    ]
    assert np.corrcoef(fine[0][inside], fine[1][inside])[0, 1] > 0.9
    masks = cv2.resize(large.mask, size, interpolation=cv2.INTER_NEAREST) > 0, small.mask > 0
    both, either = np.count_nonzero(masks[0] & masks[1]), np.count_nonzero(masks[0] | masks[1])
    assert both > 0.7 * either
    for name, place in small.places.items():
        there = (np.array(large.places[name]) + 0.5) * 0.25 - 0.5
        assert np.allclose(place, there, atol=0.02)
    assert small.pixel_spacing_mm == pytest.approx(exam.vendor.pixel_mm * 8)


def test_tissue_drawn_from_coarser_pixels_is_that_of_the_smaller_image() -> None:
    small_breast = plan(2, density="c")
    fine = render_view(small_breast, View.L_CC, scale=1.0).pixels
    coarse = _floats(render_view(small_breast, View.L_CC, scale=0.5).pixels)
    size = coarse.shape[::-1]
    reduced = cv2.resize(_floats(fine), size, interpolation=cv2.INTER_AREA)
    inside = cv2.erode((coarse > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    shown = [cv2.GaussianBlur(image, (0, 0), 2)[inside] for image in (reduced, coarse)]
    assert np.corrcoef(*shown)[0, 1] > 0.99
    assert np.mean(shown[0]) == pytest.approx(np.mean(shown[1]), rel=0.01)


def _floats(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels, dtype=np.float32)


def test_few_specks_in_a_large_group_are_seen_as_well_as_in_a_small_one() -> None:
    ratios = [
        render_view(
            plan(17, findings=(finding(type=FindingType.CALCIFICATION, size_mm=size_mm, seed=4),)),
            View.L_CC,
            scale=SCALE,
        ).contrast_to_noise["F1"]
        for size_mm in (8.0, 30.0)
    ]
    assert min(ratios) > 1
    assert 0.5 < ratios[0] / ratios[1] < 2


@pytest.mark.parametrize("kind", list(FindingType))
def test_an_occult_finding_leaves_no_trace(kind: FindingType) -> None:
    occult = finding(type=kind, occult=True)
    unseen = finding("F2", type=kind, contrast=0.01)
    bare = render_view(plan(6), View.L_MLO, scale=SCALE)
    with_findings = render_view(plan(6, findings=(occult, unseen)), View.L_MLO, scale=SCALE)
    assert np.array_equal(bare.pixels, with_findings.pixels)
    assert not with_findings.mask.any()
    assert set(with_findings.places) == {"F1", "F2"}
    assert not with_findings.contrast_to_noise


@pytest.mark.parametrize("kind", list(FindingType))
@pytest.mark.parametrize("view", [View.L_CC, View.L_MLO])
def test_a_finding_is_drawn_where_its_mask_and_place_are(kind: FindingType, view: View) -> None:
    one = finding(type=kind, size_mm=12.0, seed=8)
    bare = render_view(plan(7), view, scale=SCALE)
    drawn = render_view(plan(7, findings=(one,)), view, scale=SCALE)
    mask = drawn.mask > 0
    assert mask.any()
    assert (bare.pixels[mask] > 0).all()  # in the breast
    change = np.abs(_floats(drawn.pixels) - _floats(bare.pixels))
    centre = np.argwhere(mask).mean(axis=0)
    place = np.array(drawn.places["F1"])
    assert np.linalg.norm(centre - place) * drawn.pixel_spacing_mm < one.size_mm / 2
    rows, columns = np.indices(mask.shape)
    far = np.hypot(rows - place[0], columns - place[1]) * drawn.pixel_spacing_mm > 3 * one.size_mm
    assert not change[far].any()
    assert change[mask].mean() > 10 * change[~mask].mean()
    assert drawn.contrast_to_noise["F1"] > 0


def test_a_finding_is_in_its_own_breast_only() -> None:
    exam = plan(8, findings=(finding(),))
    right = render_view(exam, View.R_CC, scale=SCALE)
    assert not right.mask.any()
    assert right.places == {}


def test_masks_have_a_value_a_class() -> None:
    found = [
        render_view(plan(9, findings=(finding(kind=kind),)), View.L_CC, scale=SCALE).mask.max()
        for kind in (FindingClass.MALIGNANT, FindingClass.BENIGN, FindingClass.HIGH_RISK)
    ]
    assert found == [1, 2, 3]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("mirrored", [False, True], ids=["as-usual", "mirrored"])
def test_the_adaptive_crop_finds_each_vendors_breasts(vendor: Vendor, mirrored: bool) -> None:
    exam = plan(10, vendor=vendor, mirrored=mirrored)
    for view in View:
        image = render_view(exam, view, scale=0.2)
        shown = image.pixels
        if vendor.photometric == "MONOCHROME1":
            shown = np.uint16(2**vendor.bits - 1) - shown
        breast = breast_mask(shown, erosion_px=20)
        assert facing_of(breast) is image.facing
        assert image.facing is (Facing.RIGHT if (view.value[0] == "L") != mirrored else Facing.LEFT)
        box = crop_around(breast, image.facing, buffer_px=10).box
        wall = 0 if image.facing is Facing.RIGHT else shown.shape[1]
        assert wall in (box.left, box.right)
        tissue = (shown > vendor.background) & (shown < 2**vendor.bits - 1)
        assert np.count_nonzero(tissue & ~breast) < 0.05 * np.count_nonzero(tissue)


def test_values_are_within_the_bits_and_air_is_the_background() -> None:
    for vendor in VENDORS:
        image = render_view(plan(11, vendor=vendor), View.L_CC, scale=SCALE)
        most = 2**vendor.bits - 1
        assert image.pixels.max() <= most
        shown = most - image.pixels if vendor.photometric == "MONOCHROME1" else image.pixels
        assert shown.min() == vendor.background
        assert (shown[:, -5:] == vendor.background).all()
        assert np.percentile(shown[shown > vendor.background], 99) > 0.5 * most


def test_monochrome1_is_stored_inverted() -> None:
    as_shown = replace(INVERTED, photometric="MONOCHROME2")
    inverted = render_view(plan(12, vendor=INVERTED), View.R_MLO, scale=SCALE).pixels
    shown = render_view(plan(12, vendor=as_shown), View.R_MLO, scale=SCALE).pixels
    assert np.array_equal(inverted.astype(int), 2**INVERTED.bits - 1 - shown.astype(int))


def test_a_mirrored_file_holds_the_mirrored_image() -> None:
    usual = render_view(plan(13, findings=(finding(),)), View.L_CC, scale=SCALE)
    turned = render_view(plan(13, findings=(finding(),), mirrored=True), View.L_CC, scale=SCALE)
    assert np.array_equal(usual.pixels[:, ::-1], turned.pixels)
    assert np.array_equal(usual.mask[:, ::-1], turned.mask)
    assert turned.facing is usual.facing.opposite
    row, column = usual.places["F1"]
    assert turned.places["F1"] == pytest.approx((row, usual.pixels.shape[1] - 1 - column))


def test_labels_are_burnt_in_beside_the_breast() -> None:
    plain = replace(LABELLED, labels=False)
    bare = render_view(plan(14, vendor=plain), View.R_CC, scale=SCALE).pixels
    labelled = render_view(plan(14, vendor=LABELLED), View.R_CC, scale=SCALE).pixels
    changed = labelled != bare
    assert changed.any()
    assert (labelled[changed] == 2**LABELLED.bits - 1).all()
    assert (bare[changed] == LABELLED.background).all()


def test_the_voi_window_presents_the_range() -> None:
    assert render_view(plan(vendor=PLAIN), View.L_CC, scale=SCALE).voi_window == (2048, 4096)
    image = render_view(plan(vendor=SIGMOID), View.L_CC, scale=SCALE)
    centre, width = image.voi_window
    values = image.pixels[image.pixels > 0]
    light = 1 / (1 + np.exp(-4 * (values - centre) / width))
    assert 0.1 < np.median(light) < 0.5


def test_a_later_exam_shows_the_same_breast() -> None:
    """Positioned anew, but with the same tissue behind the same nipple."""
    exam = plan(15, density="c")
    later = replace(exam, name="later", seed=exam.seed + 99)
    other = plan(16, density="c")
    shown = [_behind_nipple(one) for one in (exam, later, other)]
    assert np.corrcoef(shown[0], shown[1])[0, 1] > 0.6
    assert abs(np.corrcoef(shown[0], shown[2])[0, 1]) < 0.4


def _behind_nipple(exam: ExamPlan) -> np.ndarray:
    marker = finding(depth=0.95, lateral=0.0, height=0.0, occult=True)
    image = render_view(replace(exam, findings=(marker,)), View.L_CC, scale=SCALE)
    row, column = (round(at) for at in image.places["F1"])
    part = _floats(image.pixels[row - 25 : row + 25, column - 60 : column - 6])
    return (cv2.GaussianBlur(part, (0, 0), 1.5) - cv2.GaussianBlur(part, (0, 0), 15)).ravel()


def test_more_contrast_is_seen_better() -> None:
    ratios = [
        render_view(
            plan(17, findings=(finding(contrast=contrast),)), View.L_CC, scale=SCALE
        ).contrast_to_noise["F1"]
        for contrast in (0.1, 0.4, 1.2)
    ]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0.5
    assert ratios[2] > 1.5
