"""Panels of an error analysis, from a store in which every maximum is planted."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from fourview.core.breasts import Breasts, BreastScores
from fourview.core.errors import TableError
from fourview.core.records import Pathology
from fourview.core.views import View
from fourview.io.masks import write_mask
from fourview.io.store import Store
from fourview.performance.images import error_analysis
from fourview.performance.images.error_analysis import ErrorCase, error_panels
from fourview.report.error_panel import ErrorPanel
from support.planted_heatmaps import LESION, ON, breasts_of, plant, row, write_findings
from support.stores import write_store

BREASTS = breasts_of({"a": "secret p", "b": "secret q"}, malignant=["a L"])
SCORES = BreastScores(np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.05, 0.6, 0.2, 0.9]))
"""Of a L, a R, b L, b R."""
READERS = np.array([[0.9, np.nan, 0.2, 0.1], [0.5, np.nan, np.nan, 0.3]])


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A store and its findings table."""
    folder = tmp_path_factory.mktemp("set")
    store = write_store(folder / "store", ["a", "b"])
    plant(store, {("b", "R-CC"): [("malignant", ON, 0.93)]})
    findings = [
        row("a", View.L_CC, Pathology.MALIGNANT),
        row("a", View.L_MLO, Pathology.MALIGNANT, mask="", occult=True),
        row("b", View.R_CC, Pathology.HIGH_RISK),
    ]
    return store.folder, write_findings(folder / "labels", store, findings)


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> list[ErrorPanel]:
    """What was to be drawn; nothing is."""
    seen: list[ErrorPanel] = []
    monkeypatch.setattr(
        error_analysis, "error_panel", lambda panel: (seen.append(panel), (b"png", b"svg"))[1]
    )
    return seen


def cases(
    tables: tuple[Path, Path], breasts: Breasts = BREASTS, **options: object
) -> list[ErrorCase]:
    known = {"findings": tables[1], "readers": READERS, "most": 1} | options
    return list(error_panels(breasts, SCORES, store=tables[0], **known))  # type: ignore[arg-type]


def test_each_case_tells_scores_readers_and_truth(
    tables: tuple[Path, Path], panels: list[ErrorPanel]
) -> None:
    positive, negative, away = (one.row for one in cases(tables))
    assert (positive.kind, positive.exam, positive.laterality) == ("false positive", "b", "R")
    assert (negative.kind, negative.exam, negative.laterality) == ("false negative", "a", "L")
    assert (away.kind, away.exam, away.laterality, away.readers) == ("disagreement", "b", "L", 1)
    assert (negative.malignant, negative.benign, negative.truly_malignant) == (0.05, 0.4, True)
    assert negative.readers_mean == pytest.approx(0.7)
    assert (negative.readers_low, negative.readers_high) == (0.5, 0.9)
    assert panels[1].title == "False negative 1: exam a, left breast"
    assert list(panels[1].lines) == [
        "Model: malignant 0.050, benign 0.400",
        "Readers (2): malignant 0.700 in the mean, 0.50 to 0.90",
        "Truth: malignant",
    ]


def test_a_right_breast_is_hung_facing_left(
    tables: tuple[Path, Path], panels: list[ErrorPanel]
) -> None:
    """Image, mask and heatmap are mirrored together; a left breast stays as it is stored."""
    cases(tables)
    store = Store.open(tables[0])
    right, left = panels[0].images[0], panels[1].images[0]
    (stored,) = store.views("b").r_cc
    np.testing.assert_array_equal(right.pixels, stored.pixels()[:, ::-1])
    assert right.mask is not None
    assert right.malignant is not None
    assert (right.mask[:, ::-1][LESION] == 3).all()  # high-risk: yellow
    assert np.count_nonzero(right.mask) == 256
    peak = np.argwhere(right.malignant[:, ::-1] == right.malignant.max())
    assert peak.min(axis=0).tolist() == list(ON)
    assert right.malignant.max() == pytest.approx(0.93)
    (stored,) = store.views("a").l_cc
    np.testing.assert_array_equal(left.pixels, stored.pixels())
    assert (panels[0].facing.value, panels[1].facing.value) == ("left", "right")


def test_rows_are_cc_then_mlo_and_occult_findings_are_named(
    tables: tuple[Path, Path], panels: list[ErrorPanel]
) -> None:
    cases(tables)
    assert [one.name for one in panels[1].images] == ["L-CC", "L-MLO"]
    assert [one.remark for one in panels[1].images] == ["", "1 occult finding"]


def test_what_is_absent_is_left_out_and_said(
    tables: tuple[Path, Path], panels: list[ErrorPanel], tmp_path: Path
) -> None:
    plain = write_store(tmp_path / "plain", ["a", "b"])
    found = cases((plain.folder, tables[1]), findings=None, readers=None)
    assert [one.row.kind for one in found] == ["false positive", "false negative"]
    assert np.isnan(found[0].row.readers_mean)
    assert found[0].figure is not None
    assert found[0].figure.caption.endswith(
        "From left to right: the image. No findings table was given, so no lesions are shown. The "
        "store has no heatmaps."
    )
    assert panels[0].images[0].mask is None
    assert panels[0].images[0].malignant is None
    assert not any("Readers" in line for line in panels[0].lines)


def test_breasts_that_cannot_be_drawn_keep_their_row(
    tables: tuple[Path, Path], panels: list[ErrorPanel], tmp_path: Path
) -> None:
    only_a = write_store(tmp_path / "store", ["a"])
    (image,) = only_a.views("a").l_mlo
    image.path.unlink()
    positive, negative, _ = cases((only_a.folder, tables[1]))
    assert positive.figure is None
    assert positive.row.remark == "not drawn: its exam is not in the store"
    assert negative.figure is None
    assert negative.row.remark.startswith("not drawn: views/a/L-MLO.")
    assert str(tmp_path) not in negative.row.remark
    assert not panels


def test_a_mask_or_heatmap_that_cannot_be_used_is_said(
    panels: list[ErrorPanel], tmp_path: Path
) -> None:
    store = write_store(tmp_path / "store", ["a", "b"])
    plant(store, {}).path("a", "L-CC").unlink()
    write_mask(tmp_path / "labels" / "masks" / "a-L-CC.png", np.ones((9, 9), np.uint8))
    table = write_findings(tmp_path / "labels", store, [row("a", View.L_CC, Pathology.MALIGNANT)])
    negative = cases((store.folder, table))[1]
    assert "a mask of 9 rows, 9 columns" in negative.row.remark
    assert "no heatmaps of exam a, image L-CC" in negative.row.remark
    assert str(tmp_path) not in negative.row.remark
    first, second = panels[1].images
    assert (first.mask, first.benign) == (None, None)
    assert second.mask is not None
    assert second.benign is not None


def test_heatmaps_of_several_weights_are_asked_about(
    tables: tuple[Path, Path], panels: list[ErrorPanel], tmp_path: Path
) -> None:
    store = write_store(tmp_path / "store", ["a", "b"])
    plant(store, {}, weights="a" * 64)
    plant(store, {("b", "R-CC"): [("malignant", ON, 0.8)]}, weights="b" * 64)
    with pytest.raises(TableError, match="2 sets of heatmaps"):
        cases((store.folder, tables[1]))
    cases((store.folder, tables[1]), patch_weights="bb")
    assert panels[0].images[0].malignant is not None
    assert panels[0].images[0].malignant.max() == pytest.approx(0.8)


def test_the_drawn_panel_has_its_columns_and_no_patient(tables: tuple[Path, Path]) -> None:
    first, again = (
        next(error_panels(BREASTS, SCORES, store=tables[0], findings=tables[1], most=1)).figure
        for _ in range(2)
    )
    assert first is not None
    assert first == again
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", first.svg.decode())
    wanted = {
        "R-CC",
        "R-MLO",
        "lesions",
        "nothing marked",
        "malignant, up to 0.93",
        "high-risk benign",
    }
    assert wanted <= set(texts)
    assert b"secret" not in first.svg
    assert first.name == "false-positive-1"
