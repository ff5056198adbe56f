"""The exam page in a real browser: what stands where, and what the controls do to pixels."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fourview.core.prediction import ExamPrediction, ModelPrediction, PassPrediction
from fourview.core.views import Facing, Finding, FourViews, Label, View
from fourview.report.page import ExamReport, IndexEntry, ReportView, exam_page, index_page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path(os.environ.get("FOURVIEW_CHROMIUM", "/usr/bin/chromium"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}"),
]

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
HOSTILE = "<script>window.wasRun = true</script>\"'.png"
SHAPES = FourViews((1500, 900), (1501, 1000), (2100, 1003), (2000, 900))
PEAKS = FourViews((400, 300), (701, 203), (1203, 850), (33, 890))
"""The malignant maximum of each view (source row, column); the benign one is 100 rows lower."""
FLAT = (slice(900, 1000), slice(400, 500))
"""Rows and columns of a patch of one grey value in every view."""
GREY = 1500


def blob(shape: tuple[int, int], at: tuple[int, int], high: float, sigma: float) -> Any:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = (rows - at[0]) ** 2 + (columns - at[1]) ** 2
    return (high * np.exp(-away / (2 * sigma**2))).astype(np.float32)


def facing_of(view: View) -> Facing:
    """All face right as stored, so that the page must mirror R-MLO; but R-CC is as it is hung."""
    return Facing.LEFT if view is View.R_CC else Facing.RIGHT


def shown(view: View) -> ReportView:
    """A dark breast, a flat patch, and a bright blob at the nipple, low in the image."""
    shape = SHAPES.of(view)
    pixels = np.full(shape, 200, np.uint16)
    pixels[FLAT] = GREY
    nipple = shape[1] - 60 if facing_of(view) is Facing.RIGHT else 60
    pixels[shape[0] - 400 : shape[0] - 320, nipple - 40 : nipple + 40] = 4095
    row, column = PEAKS.of(view)
    heatmaps = {
        Finding.MALIGNANT: blob(shape, (row, column), 0.8, 25),
        Finding.BENIGN: blob(shape, (row + 100, column), 0.4, 25),
    }
    return ReportView(view, pixels, facing_of(view), heatmaps, HOSTILE)


def exam_report() -> ExamReport:
    said = dict.fromkeys(Label, 0.25)
    one = ModelPrediction("model", (PassPrediction({"CC": said}, {}),))
    return ExamReport(ExamPrediction(HOSTILE, (one,)), FourViews.build(shown), notices=(HOSTILE,))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """A page with all that it complained of or asked for."""

    def __init__(self, browser: Any, address: str, *, ratio: float = 1) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(
            viewport={"width": 1440, "height": 900}, device_scale_factor=ratio
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.add_init_script(
            "window.violations = []; addEventListener('securitypolicyviolation',"
            " (event) => violations.push(event.violatedDirective + event.blockedURI));"
        )
        self.page.goto(address)

    def pixels(self, view: View) -> Any:
        """The view's canvas as (rows, columns, RGB)."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        uri = self.page.evaluate(
            "(name) => document.querySelector(`[data-view='${name}'] canvas`).toDataURL()",
            view.value,
        )
        png = np.frombuffer(base64.b64decode(uri.split(",")[1]), np.uint8)
        return cv2.imdecode(png, cv2.IMREAD_COLOR)[..., ::-1].astype(int)

    def place(self, view: View, row: float, column: float) -> tuple[float, float]:
        """Row and column on the canvas of a source pixel's middle, from scale and corner alone."""
        said = self.page.locator(f'[data-view="{view.value}"] canvas').evaluate(
            "(canvas) => ({...canvas.dataset})"
        )
        scale, left, top = (float(said[key]) for key in ("scale", "left", "top"))
        outward = Facing.LEFT if view.value.startswith("R") else Facing.RIGHT
        across = column if facing_of(view) is outward else SHAPES.of(view)[1] - 1 - column
        return top + (row + 0.5) * scale - 0.5, left + (across + 0.5) * scale - 0.5

    def grey_at_patch(self, view: View) -> int:
        row, column = self.place(view, 950, 450)
        red, green, blue = self.pixels(view)[round(row), round(column)]
        assert red == green == blue
        return int(red)

    def choose(self, value: str) -> None:
        self.page.locator(f'label:has(input[value="{value}"])').click()

    def slide(self, name: str, value: float) -> None:
        self.page.locator(f"#{name}").fill(str(value))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(exam_page(exam_report()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def exam(browser: Any, address: str) -> Iterator[Watched]:
    watched = Watched(browser, address)
    watched.page.wait_for_selector("html[data-ready]")
    yield watched
    assert watched.complaints == []
    assert watched.page.evaluate("violations") == []
    assert [one for one in watched.requests if not one.startswith("data:")] == [address]
    assert watched.page.evaluate("window.wasRun") is None
    watched.context.close()


def test_four_canvases_hang_back_to_back_at_one_scale(exam: Watched) -> None:
    boxes = {
        view: exam.page.locator(f'[data-view="{view.value}"] canvas').bounding_box()
        for view in View
    }
    middle = boxes[View.L_CC]["x"]
    for position in ("CC", "MLO"):
        right, left = boxes[View(f"R-{position}")], boxes[View(f"L-{position}")]
        assert right["x"] + right["width"] <= middle + 0.5 <= left["x"] + 1
        assert left["x"] - right["x"] - right["width"] <= 4
        assert right["y"] == left["y"]
    assert boxes[View.R_CC]["y"] + boxes[View.R_CC]["height"] <= boxes[View.R_MLO]["y"]
    scales = {
        exam.page.locator(f'[data-view="{view.value}"] canvas').get_attribute("data-scale")
        for view in View
    }
    assert len(scales) == 1


@pytest.mark.parametrize("view", View)
def test_the_nipple_points_outward_and_the_chest_wall_is_at_the_middle(
    exam: Watched, view: View
) -> None:
    exam.choose("off")
    exam.slide("level", 2200)
    exam.slide("width", 4400)  # the breast's dark ground is no longer black
    grey = exam.pixels(view)[..., 0]
    outward = -1 if view.value.startswith("R") else 1
    rows, columns = np.nonzero(grey > 230)
    breast = np.nonzero((grey > 0).any(axis=0))[0]
    centre = (breast.min() + breast.max()) / 2
    assert (columns.mean() - centre) * outward > 0.3 * len(breast)
    assert rows.mean() > grey.shape[0] / 2  # never upside down
    chest_wall = breast.max() if outward < 0 else breast.min()
    assert chest_wall == (grey.shape[1] - 1 if outward < 0 else 0)


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("view", View)
def test_each_heatmaps_maximum_is_shown_where_the_array_has_it(
    browser: Any, address: str, view: View, ratio: int
) -> None:
    exam = Watched(browser, address, ratio=ratio)
    exam.page.wait_for_selector("html[data-ready]")
    exam.slide("opacity", 100)
    for zoom in range(3):
        for finding, channel, lower in (("malignant", 0, 0), ("benign", 1, 100)):
            exam.choose(finding)
            row, column = PEAKS.of(view)
            expected = exam.place(view, row + lower, column)
            colours = exam.pixels(view)
            strength = colours[..., channel] - colours[..., 1 - channel]
            rows, columns = np.nonzero(strength >= strength.max() - 1)
            inside = all(1 <= e < n - 1 for e, n in zip(expected, strength.shape, strict=True))
            if inside:
                assert abs(rows.mean() - expected[0]) <= 1
                assert abs(columns.mean() - expected[1]) <= 1
            assert inside or zoom
        exam.page.locator("#zoom-in").click()
    exam.context.close()


def test_the_tables_give_each_maximums_value_and_source_pixel(exam: Watched) -> None:
    text = exam.page.locator(".maxima").all_inner_texts()
    assert "401" not in text[0]
    assert "701, 203" in text[0]  # R-CC, in the right breast's panel
    assert "801, 203" in text[0]
    assert "400, 300" in text[1]
    assert "0.800" in text[1]


def test_a_mark_rings_the_maximum(exam: Watched) -> None:
    before = exam.pixels(View.L_CC)
    exam.page.locator("#marks").click()
    row, column = exam.place(View.L_CC, *PEAKS.l_cc)
    rows, columns = np.nonzero((exam.pixels(View.L_CC) != before).any(axis=-1))
    assert rows.size
    near = (np.abs(rows - row) < 13) & (np.abs(columns - column) < 13)
    assert rows[near].min() < row < rows[near].max()
    exam.choose("off")
    plain = exam.pixels(View.L_CC)
    assert (plain[..., 0] == plain[..., 1]).all()


def test_off_shows_grey_alone_and_opacity_blends_by_the_formula(exam: Watched) -> None:
    view, (row, column) = View.L_MLO, PEAKS.l_mlo
    exam.choose("off")
    grey = exam.pixels(view)
    assert (grey[..., 0] == grey[..., 2]).all()
    exam.choose("malignant")
    spot = tuple(round(value) for value in exam.place(view, row, column))
    for percent in (0, 30, 100):
        exam.slide("opacity", percent)
        alpha = 0.8 * percent / 100
        expected = grey[spot] * (1 - alpha) + np.array([255, 48, 48]) * alpha
        assert np.abs(exam.pixels(view)[spot] - expected).max() <= 4
    exam.page.locator("#to-highest").click()  # 0.8 is the exam's highest: now opaque
    assert np.abs(exam.pixels(view)[spot] - [255, 48, 48]).max() <= 4
    assert "0.800" in exam.page.locator("#ramp").inner_text()


@pytest.mark.parametrize(("level", "width"), [(2000, 4000), (1500, 100), (1000, 3000), (2500, 900)])
def test_window_and_level_follow_the_formula_exactly(exam: Watched, level: int, width: int) -> None:
    exam.choose("off")
    exam.slide("level", level)
    exam.slide("width", width)
    share = min(1.0, max(0.0, (GREY - level) / width + 0.5))
    expected = int(255 * share + 0.5)
    for view in View:
        assert exam.grey_at_patch(view) == expected
    exam.page.locator("#invert").click()
    assert exam.grey_at_patch(View.R_MLO) == 255 - expected
    exam.page.locator("#grey-reset").click()
    assert not exam.page.locator("#invert").is_checked()


def test_dragging_changes_the_window_and_reset_brings_it_back(exam: Watched) -> None:
    exam.choose("off")
    before = exam.grey_at_patch(View.R_CC)
    box = exam.page.locator('[data-view="L-CC"] canvas').bounding_box()
    exam.page.mouse.move(box["x"] + 100, box["y"] + 100)
    exam.page.mouse.down()
    exam.page.mouse.move(box["x"] + 100, box["y"] + 40, steps=3)
    exam.page.mouse.up()
    assert exam.grey_at_patch(View.R_CC) > before + 10  # up is brighter, in all four
    exam.page.keyboard.press("r")
    assert exam.grey_at_patch(View.R_CC) == before


def test_wheel_zooms_all_views_about_the_pointer_and_fit_brings_them_back(exam: Watched) -> None:
    view = View.R_MLO
    box = exam.page.locator('[data-view="R-MLO"] canvas').bounding_box()
    first = {one: exam.place(one, 1000, 450) for one in View}
    row, column = first[view]
    exam.page.mouse.move(box["x"] + column, box["y"] + row)
    exam.page.mouse.wheel(0, -400)
    exam.pixels(view)
    zoomed = {one: exam.place(one, 1000, 450) for one in View}
    assert np.abs(np.subtract(zoomed[view], first[view])).max() <= 2
    scale = float(exam.page.locator('[data-view="L-CC"] canvas').get_attribute("data-scale"))
    exam.page.mouse.move(box["x"] + column + 30, box["y"] + row)
    exam.page.keyboard.down("Shift")
    exam.page.mouse.down()
    exam.page.mouse.move(box["x"] + column + 30, box["y"] + row - 25, steps=3)
    exam.page.mouse.up()
    exam.page.keyboard.up("Shift")
    exam.pixels(view)
    for one in View:  # panned together
        assert exam.place(one, 1000, 450)[0] == pytest.approx(zoomed[one][0] - 25, abs=1)
    exam.page.locator("#zoom-reset").click()
    exam.pixels(view)
    for one in View:
        assert exam.place(one, 1000, 450) == pytest.approx(first[one], abs=1e-6)
    now = float(exam.page.locator('[data-view="L-CC"] canvas').get_attribute("data-scale"))
    assert scale > 1.5 * now


def test_keys_do_what_the_controls_do(exam: Watched) -> None:
    keyboard = exam.page.keyboard
    keyboard.press("b")
    assert exam.page.locator('input[value="benign"]').is_checked()
    keyboard.press("o")
    exam.page.locator("#ramp").wait_for(state="hidden")  # drawn with the next frame
    keyboard.press("i")
    assert exam.page.locator("#invert").is_checked()
    keyboard.press("+")
    exam.pixels(View.L_CC)
    assert exam.page.locator("#zoom-now").inner_text() != "1.0×"
    exam.page.locator("#level").focus()
    keyboard.press("o")  # inside a control a letter is the control's
    keyboard.press("m")
    assert exam.page.locator('input[value="off"]').is_checked()


def test_pointing_reads_values_at_the_source_pixel(exam: Watched) -> None:
    box = exam.page.locator('[data-view="R-MLO"] canvas').bounding_box()
    row, column = exam.place(View.R_MLO, 950, 450)
    exam.page.mouse.move(box["x"] + column + 0.5, box["y"] + row + 0.5)
    said = exam.page.locator("#readout").inner_text()
    assert said.startswith("R-MLO row 9")
    assert f"grey {GREY}" in said


def test_a_small_window_and_a_resize_keep_the_hanging(exam: Watched) -> None:
    exam.page.set_viewport_size({"width": 1280, "height": 800})
    exam.page.wait_for_timeout(100)
    for view in View:
        box = exam.page.locator(f'[data-view="{view.value}"] canvas').bounding_box()
        height, width = exam.pixels(view).shape[:2]
        assert (height, width) == pytest.approx((box["height"], box["width"]), abs=1)
        assert box["y"] + box["height"] <= 800


def test_the_index_links_and_sorts(browser: Any, tmp_path: Path) -> None:
    entries = [
        IndexEntry(name, name, dict.fromkeys(Label, value))
        for name, value in (("a %", 0.2), ("b?", 0.9), ('c"#', None))
    ]
    path = tmp_path / "report.html"
    path.write_text(index_page(entries), encoding="utf-8")
    target = tmp_path / "exams" / "b?" / "report.html"
    target.parent.mkdir(parents=True)
    target.write_text(exam_page(exam_report(), index_link="../../report.html"), encoding="utf-8")
    watched = Watched(browser, path.as_uri())
    watched.page.locator("thead button").nth(1).click()
    assert watched.page.locator("tbody a").all_inner_texts() == ["b?", "a %", 'c"#']
    watched.page.locator("tbody a").first.click()
    watched.page.wait_for_selector("html[data-ready]")
    watched.page.get_by_text("All exams").click()
    watched.page.wait_for_selector("#exams")
    assert watched.complaints == []
    assert watched.page.evaluate("violations") == []
    watched.context.close()
