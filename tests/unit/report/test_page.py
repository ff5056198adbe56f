"""The pages as text: what they say, what they let in, and what their images carry."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from typing import Any

import cv2
import numpy as np
import pytest

from fourview.core.errors import OutputError
from fourview.core.geometry import Box
from fourview.core.prediction import ExamPrediction, ModelPrediction, PassPrediction
from fourview.core.recipe import Recipe
from fourview.core.views import Facing, Finding, FourViews, Label, View
from fourview.report.page import (
    ExamReport,
    IndexEntry,
    LeftOut,
    ReportView,
    exam_page,
    index_page,
)
from fourview.report.pixels import Peak, peak_of, reduced_heatmap, reduced_image

HOSTILE = "<script>alert(1)</script>\"'&.png"
READ = dict(zip(Label, (0.125, 0.25, 0.5, 0.0001), strict=True))
_BLOCK = r"<{0}>(.*?)</{0}>"


def prediction(said: dict[Label, float] = READ, **changes: Any) -> ExamPrediction:
    passes = tuple(PassPrediction({"CC": said, "MLO": said}, {}) for _ in range(2))
    values = {"exam": "exam 1", "models": (ModelPrediction("model-a", passes),)} | changes
    return ExamPrediction(**values)


def report_view(view: View, shape: tuple[int, int] = (60, 40), **changes: Any) -> ReportView:
    pixels = np.zeros(shape, np.uint16)
    pixels[10:50, 5:35] = 3000
    facing = Facing.RIGHT if view.value.startswith("L") else Facing.LEFT
    heatmaps = {finding: np.full(shape, 0.25, np.float32) for finding in Finding}
    values = {"facing": facing, "heatmaps": heatmaps, "source": f"{view.value}.png"} | changes
    return ReportView(view, pixels, **values)


def report(**changes: Any) -> ExamReport:
    values = {"prediction": prediction(), "views": FourViews.build(report_view)} | changes
    return ExamReport(**values)


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def numbers_of(carried: dict[str, Any]) -> Any:
    """What the page's script reads: high byte in red, low byte in green."""
    png = base64.b64decode(carried["png"].removeprefix("data:image/png;base64,"))
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image.shape[2] == 3
    assert not image[..., 0].any()
    return image[..., 2].astype(np.uint16) * 256 + image[..., 1]


def policy_of(page: str) -> dict[str, str]:
    found = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    assert found
    parts = (part.split(maxsplit=1) for part in unescape(found[1]).split(";"))
    return {part[0]: part[1] for part in parts}


PAGES = {"exam": exam_page(report()), "index": index_page([IndexEntry("exam 1", "exam-1", READ)])}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_policy_lets_in_the_pages_own_blocks_and_nothing_else(page: str) -> None:
    policy = policy_of(page)
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (block,) = re.findall(_BLOCK.format(tag), page, re.S)
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert policy.pop(directive) == f"'sha256-{digest}'"
    assert policy.pop("img-src") == "data:"
    assert set(policy) == {"default-src", "base-uri", "form-action"}
    assert set(policy.values()) == {"'none'"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_a_page_needs_no_network_and_says_what_it_is(page: str) -> None:
    assert "Research software, not a medical device: not for diagnosis or treatment." in page
    assert '<meta name="referrer" content="no-referrer">' in page
    addresses = re.findall(r"(?:https?:)?//[\w.]+|@import|url\(", re.sub(r"^\s*//.*$", "", page))
    assert not [a for a in addresses if a.startswith(("http", "@", "url"))]
    assert not re.search(r"\sstyle=|\son\w+=", page)  # the policy would refuse them


def test_every_text_is_escaped() -> None:
    hostile = {HOSTILE: HOSTILE}
    page = exam_page(
        report(
            prediction=prediction(exam=HOSTILE, warnings=(HOSTILE,), about=hostile),
            views=FourViews.build(lambda v: report_view(v, source=HOSTILE, warnings=(HOSTILE,))),
            recipe={HOSTILE: hostile},
            weights=({"name": HOSTILE, "hash": HOSTILE},),
            notices=(HOSTILE,),
            seconds={HOSTILE: 1.0},
            version=HOSTILE,
            made=HOSTILE,
        ),
        index_link=HOSTILE,
    )
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 2


def test_an_index_escapes_names_and_encodes_folders() -> None:
    entry = IndexEntry(HOSTILE, 'a b"<c>%?#.exam', READ, (), (HOSTILE,))
    left_out = [LeftOut(HOSTILE, HOSTILE)]
    page = index_page(
        [entry],
        refused=left_out,
        set_aside=left_out,
        unreadable=left_out,
        notices=(HOSTILE,),
        version=HOSTILE,
        made=HOSTILE,
    )
    assert "<script>alert" not in page
    assert 'href="exams/a%20b%22%3Cc%3E%25%3F%23.exam/report.html"' in page
    assert page.count("alert(1)") == 3 + 6 + 3  # row, sort key, warning; names and reasons; ends


@pytest.mark.parametrize("folder", ["", ".", "..", "../x", "/etc"])
def test_an_index_never_links_outside_its_exams(folder: str) -> None:
    with pytest.raises(OutputError, match="name of a folder"):
        IndexEntry("exam", folder, READ)


def test_a_name_that_is_no_text_can_still_be_written() -> None:
    name = b"caf\xe9.png".decode(errors="surrogateescape")
    page = exam_page(report(prediction=prediction(exam=name)))
    assert "caf�.png" in page.encode().decode()
    index = index_page([IndexEntry(name, name, READ)])
    assert 'href="exams/caf%E9.png/report.html"' in index


def test_views_are_hung_as_radiologists_hang_them() -> None:
    places = re.findall(r'class="cell (\w+)" data-view="([\w-]+)"', PAGES["exam"])
    assert places == [
        ("left", "R-CC"),
        ("right", "L-CC"),
        ("left", "R-MLO"),
        ("right", "L-MLO"),
    ]


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("facing", Facing)
def test_a_view_that_faces_the_middle_is_mirrored_and_says_so(view: View, facing: Facing) -> None:
    shown = report_view(view, facing=facing)
    page = exam_page(report(views=FourViews.build(lambda v: shown if v is view else None)))
    outward = "left" if view.value.startswith("R") else "right"
    assert data_of(page)["views"][view.value]["mirrored"] == (facing.value != outward)
    assert ("mirrored for display</span>" in page) == (facing.value != outward)


def test_a_missing_view_keeps_its_labelled_place() -> None:
    views = FourViews.build(lambda v: None if v is View.L_MLO else report_view(v))
    page = exam_page(report(views=views, prediction=prediction(missing=(View.L_MLO,))))
    assert '<div class="cell empty right" data-view="L-MLO">' in page
    assert "no image in this exam" in page
    assert set(data_of(page)["views"]) == {"L-CC", "R-CC", "R-MLO"}


def test_an_exam_without_any_image_still_has_its_page() -> None:
    page = exam_page(report(views=FourViews(None, None, None, None)))
    assert page.count('class="cell empty') == 4


def test_a_breast_that_was_not_read_says_so() -> None:
    right = {label: READ[label] for label in (Label.RIGHT_BENIGN, Label.RIGHT_MALIGNANT)}
    page = exam_page(report(prediction=prediction(right)))
    assert page.count('<span class="value none">not read</span>') == 2
    index = index_page([IndexEntry("e", "e", dict.fromkeys(Label))])
    assert index.count(">not read</td>") == 4


def test_scores_stand_at_their_breast() -> None:
    page = PAGES["exam"]
    right, left = page.index('class="breast left"'), page.index('class="breast right"')
    assert right < page.index('title="0.25"') < left < page.index('title="0.125"')
    assert page.index("&lt;0.001") < left  # never 0 for what is not 0


def test_the_same_report_gives_the_same_bytes() -> None:
    assert exam_page(report()) == exam_page(report())


def test_recipe_weights_seconds_and_warnings_are_told() -> None:
    page = exam_page(
        report(
            recipe=Recipe().to_dict(),
            weights=({"name": "w", "hash": "abc123", "trained": False},),
            seconds={"heatmaps": 12.345},
            prediction=prediction(warnings=("the pixels disagree",)),
        )
    )
    for said in ("heatmaps.stride_px", "abc123", "not trained", "12.35 s", "the pixels disagree"):
        assert said in page


def test_images_are_means_of_whole_blocks() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 65536, (1500, 300)).astype(np.uint16)
    reduced = reduced_image(pixels)
    assert reduced.factor == 2
    expected = pixels.reshape(750, 2, 150, 2).mean(axis=(1, 3))
    assert np.abs(reduced.values - expected).max() <= 0.5


def test_an_image_travels_exactly() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 65536, (60, 41)).astype(np.uint16)
    shown = ReportView(View.L_CC, pixels[:, ::-1], Facing.RIGHT, crop=Box(1, 50, 0, 30))
    page = exam_page(report(views=FourViews(shown, None, None, None)))
    view = data_of(page)["views"]["L-CC"]
    np.testing.assert_array_equal(numbers_of(view["image"]), pixels[:, ::-1])
    assert view["image"]["sum"] == int(pixels.sum(dtype=np.int64))
    assert view["crop"] == [1, 50, 0, 30]


@pytest.mark.parametrize("seed", range(20))
def test_a_reduced_heatmap_has_its_maximum_where_the_array_has_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(3, 2000, 2))
    heatmap = rng.random(shape, np.float32) * np.float32(0.9)
    at = tuple(int(rng.integers(0, length)) for length in shape)
    heatmap[at] = 0.95
    peak = peak_of(heatmap)
    assert peak == Peak(float(np.float32(0.95)), *at)
    reduced = reduced_heatmap(heatmap, peak)
    assert max(reduced.values.shape) <= 701
    block = np.unravel_index(int(reduced.values.argmax()), reduced.values.shape)
    centre = [
        int(i) * reduced.factor + reduced.factor // 2 - first
        for i, first in zip(block, reduced.padded, strict=True)
    ]
    assert tuple(centre) == at
    assert reduced.values.max() == round(0.95 * 65535)


def test_the_peak_of_a_plateau_is_its_middle_and_mirrors_with_the_map() -> None:
    heatmap = np.zeros((50, 61), np.float32)
    heatmap[10:21, 30:41] = 0.5
    heatmap[40, 2] = 0.5  # another place with the same value, later
    assert peak_of(heatmap) == Peak(0.5, 15, 35)
    assert peak_of(heatmap[:, ::-1]) == Peak(0.5, 15, 60 - 35)
    assert peak_of(np.zeros((5, 5), np.float32)) is None


def test_a_page_of_a_full_size_exam_stays_below_12_megabytes() -> None:
    """A breast of pure noise, which compresses least, over half the detector; patchy heatmaps."""
    rng = np.random.default_rng(0)
    pixels = np.zeros((3328, 2560), np.uint16)
    pixels[:, :1280] = rng.integers(0, 4096, (3328, 1280)) * 16
    patches = rng.random((48, 37), np.float32)
    heatmap = cv2.resize(patches, (2560, 3328), interpolation=cv2.INTER_NEAREST)

    def full(view: View) -> ReportView:
        return ReportView(view, pixels, Facing.RIGHT, dict.fromkeys(Finding, heatmap))

    page = exam_page(report(views=FourViews.build(full)))
    assert len(page) < 12e6
    for view in data_of(page)["views"].values():
        assert max(numbers_of(view["image"]).shape) <= 1400


def test_heatmaps_that_do_not_fit_are_refused() -> None:
    pixels = np.ones((4, 4), np.uint16)
    for heatmap, problem in (
        (np.zeros((4, 5), np.float32), "shape"),
        (np.full((4, 4), 1.5, np.float32), "probabilities"),
        (np.full((4, 4), np.nan, np.float32), "probabilities"),
    ):
        with pytest.raises(OutputError, match=problem):
            ReportView(View.L_CC, pixels, Facing.RIGHT, {Finding.BENIGN: heatmap}, "a.png")
    with pytest.raises(OutputError, match="float64"):
        ReportView(View.L_CC, np.ones((4, 4)), Facing.RIGHT)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="stands at"):
        report(views=FourViews.build(lambda _: report_view(View.L_CC)))
