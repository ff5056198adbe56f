"""Localisation over a store in which every maximum is planted: the numbers are known by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourview.core.data_recipe import StoreRecipe
from fourview.core.errors import RecipeError, TableError
from fourview.core.exam import PreparedView
from fourview.core.geometry import Box, Placement
from fourview.core.records import FindingRecord, Pathology
from fourview.core.views import View
from fourview.io.masks import write_mask
from fourview.io.store import Store, StoreKind
from fourview.io.store.writing import index_row, store_to_write, write_index, write_view
from fourview.performance.images.localisation_drawn import localisation_drawn
from fourview.performance.images.localising import Localisation, LocalisingOptions, localise
from support.planted_heatmaps import (
    FAR,
    LESION,
    OFF,
    ON,
    breasts_of,
    plant,
    row,
    write_findings,
)
from support.stores import RECIPE, breast, write_store

MALIGNANT, BENIGN, HIGH_RISK = Pathology.MALIGNANT, Pathology.BENIGN, Pathology.HIGH_RISK
PATIENTS = {"a": "p", "b": "q", "c": "r"}
PLANTED = {
    ("a", "L-CC"): [("malignant", ON, 0.9)],
    ("a", "L-MLO"): [("malignant", OFF, 0.8)],
    ("b", "R-CC"): [("malignant", ON, 0.7), ("malignant", OFF, 0.6)],
    ("c", "L-CC"): [("malignant", FAR, 0.95)],
}
FINDINGS = (
    row("a", View.L_CC, MALIGNANT),
    row("a", View.L_MLO, MALIGNANT),
    row("b", View.R_CC, MALIGNANT, type="calcification"),
)


def found(
    folder: Path,
    *findings: FindingRecord,
    planted: object = PLANTED,
    options: LocalisingOptions | None = None,
) -> Localisation:
    store = write_store(folder / "store", sorted(PATIENTS))
    plant(store, planted)  # type: ignore[arg-type]
    table = write_findings(folder / "labels", store, findings)
    return localise(store.folder, table, breasts_of(PATIENTS), options=options)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Localisation:
    options = LocalisingOptions(false_marks=(0.05, 1 / 12, 0.25, 1.0))
    return found(tmp_path_factory.mktemp("store"), *FINDINGS, options=options)


def test_a_maximum_hits_in_two_images_of_three(known: Localisation) -> None:
    whole, *by_type = known.hits
    assert (whole.heatmap, whole.by, whole.images, whole.hits) == ("malignant", "all", 3, 2)
    assert whole.rate == pytest.approx(2 / 3)
    assert whole.patients == 2
    assert [(one.group, one.hits, one.images) for one in by_type] == [
        ("calcification", 1, 1),
        ("mass", 1, 2),
    ]
    # of patients p (one hit of two) and q (one of one): drawn twice p, both, or twice q
    assert (whole.low, whole.high) == (0.5, 1.0)
    assert whole.remark == "of 2 patients alone"


def test_chance_is_the_mean_share_of_the_lesion(known: Localisation) -> None:
    shapes = [(120, 80), (120, 90), (127, 85)]  # of a L-CC, a L-MLO, b R-CC
    assert known.hits[0].by_chance == pytest.approx(np.mean([256 / (h * w) for h, w in shapes]))
    # The half discs of `write_store`, seeds by exam and view; their pixels are 0 outside.
    on = [(breast(shape, seed) > 0) for shape, seed in zip(shapes, (0, 2, 11), strict=True)]
    shares = [one[LESION].sum() / one.sum() for one in on]
    assert known.hits[0].by_chance_on_breast == pytest.approx(np.mean(shares))


def test_overlap_is_counted_at_the_threshold(known: Localisation) -> None:
    """Marked: 64 pixels of the lesion's 256; 64 off it; 64 on it and 64 off."""
    whole = known.overlaps[0]
    assert whole.threshold == 0.5
    assert whole.iou == pytest.approx(np.mean([64 / 256, 0, 64 / 320]))
    assert whole.dice == pytest.approx(np.mean([128 / 320, 0, 128 / 384]))
    assert whole.marking_nothing == 0


def test_free_response_counts_false_marks_over_all_images(known: Localisation) -> None:
    """Twelve images; false marks 0.95, 0.8 and 0.6; lesions found at 0.9 and 0.7, one never."""
    whole = {one.false_marks: one for one in known.froc if one.by == "all"}
    assert {one.images for one in whole.values()} == {12}
    assert {one.lesions for one in whole.values()} == {3}
    assert [one.sensitivity for one in whole.values()] == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3])
    mass = [one.sensitivity for one in known.froc if one.group == "mass"]
    assert mass == pytest.approx([0, 1 / 2, 1 / 2, 1 / 2])
    last = [one for one in known.points if one.heatmap == "malignant"][-1]
    assert (last.threshold, last.false_marks) == (pytest.approx(0.6), 3 / 12)


def test_the_figure_tells_how_many_lesions_and_images(known: Localisation) -> None:
    figure = localisation_drawn(known)
    assert figure is not None
    assert "malignant (3 lesions, 12 images)" in figure.svg.decode()
    assert "2 of 3" in figure.svg.decode()
    assert localisation_drawn(known) == figure
    assert not known.notes
    assert not known.problems


def test_the_same_store_gives_the_same_numbers(known: Localisation, tmp_path: Path) -> None:
    assert found(tmp_path, *FINDINGS, options=known.options) == known


def test_findings_whose_place_is_not_known_are_left_out_and_counted(tmp_path: Path) -> None:
    """The image with an occult cancer, and one of which nobody says where it is."""
    more = (
        row("c", View.L_CC, MALIGNANT, mask="", occult=True),
        row("b", View.R_MLO, MALIGNANT, mask=""),
        row("b", View.L_CC, BENIGN, mask="", occult=True),
    )
    result = found(tmp_path, *FINDINGS, *more)
    at_all = [one for one in result.froc if one.by == "all" and one.heatmap == "malignant"]
    assert {one.images for one in at_all} == {10}
    # the highest false mark, 0.95, was in the image with the occult cancer
    assert [one.false_marks for one in result.points if one.threshold > 0.85] == [0.0]
    assert set(result.notes) == {
        "2 images with a malignant finding whose place is not known",
        "1 images with a benign finding whose place is not known",
    }
    counted = {(one.pathology, one.type): one for one in result.counts}
    mass = counted["malignant", "mass"]
    assert (mass.lesions, mass.occult, mass.unplaced) == (2, 1, 1)
    assert counted["benign", "mass"].occult == 1


def test_high_risk_lesions_are_held_against_the_benign_heatmap(tmp_path: Path) -> None:
    planted = {("a", "L-CC"): [("benign", ON, 0.9), ("malignant", OFF, 0.9)]}
    findings = [row("a", View.L_CC, HIGH_RISK), row("a", View.L_MLO, BENIGN)]
    rows = {(one.by, one.group): one for one in found(tmp_path, *findings, planted=planted).hits}
    assert {one.heatmap for one in rows.values()} == {"benign"}
    assert (rows["class", "high_risk_benign"].hits, rows["class", "benign"].points_nowhere) == (
        1,
        1,
    )
    assert rows["all", ""].rate == 1.0  # of the one image whose map points anywhere
    assert np.isnan(rows["class", "benign"].rate)


def test_findings_that_share_mask_and_class_are_one_lesion(tmp_path: Path) -> None:
    both = [
        row("a", View.L_CC, MALIGNANT),
        row("a", View.L_CC, MALIGNANT, finding="F2", type="calcification"),
    ]
    result = found(tmp_path, *both)
    (count,) = result.counts
    assert (count.type, count.lesions, count.findings) == ("several types", 1, 2)
    assert result.hits[0].images == 1


def test_a_distance_lets_near_maxima_pass(tmp_path: Path) -> None:
    """The patch beside the lesion: the middle of its plateau is 4.5 px from the edge."""
    planted = {("a", "L-CC"): [("malignant", (40, 32), 0.9)]}
    findings = [row("a", View.L_CC, MALIGNANT)]
    near = [
        found(
            tmp_path / str(px), *findings, planted=planted, options=LocalisingOptions(within_px=px)
        )
        for px in (0, 3, 5)
    ]
    assert [one.hits[0].hits for one in near] == [0, 0, 1]
    assert [one.froc[-1].sensitivity for one in near] == [0, 0, 1]


def flipped_store(folder: Path) -> Store:
    """One right breast, facing left in its source: mirrored, and cut out of a larger image."""
    kind = StoreKind(RECIPE, StoreRecipe(compressed=False))
    crop = Box(10, 130, 30, 110)
    view = PreparedView(
        pixels=breast((120, 80), 0),
        view=View.R_CC,
        source="R-CC.png",
        placement=Placement((150, 110), (150, 110), crop, flipped=True),
        optimal_center=(60, 40),
    )
    with store_to_write(folder, kind):
        written = write_view(
            folder, kind, view, exam="a", image="R-CC", pixels_sha256="", source_bytes=0,
            source_sha256="",
        )  # fmt: skip
        write_index(folder, [index_row(written)])
    return Store.open(folder)


def mirrored_mask(folder: Path, rows: slice, columns: slice) -> None:
    """A mask on the source of what has these rows and columns on the prepared view."""
    mask = np.zeros((150, 110), np.uint8)
    mask[rows.start + 10 : rows.stop + 10, 110 - columns.stop : 110 - columns.start] = 1
    write_mask(folder / "labels" / "masks" / "a-R-CC.png", mask)


@pytest.mark.parametrize(("columns", "hits"), [(slice(16, 32), 1), (slice(48, 64), 0)])
def test_masks_are_brought_to_the_mirrored_crop(tmp_path: Path, columns: slice, hits: int) -> None:
    """48 to 64 is where an unmirrored mask of 16 to 32 would lie on the 80 columns."""
    store = flipped_store(tmp_path)
    plant(store, {("a", "R-CC"): [("malignant", ON, 0.9)]})
    mirrored_mask(tmp_path, slice(40, 56), columns)
    table = write_findings(tmp_path / "labels", store, [row("a", View.R_CC, MALIGNANT)])
    assert localise(tmp_path, table, breasts_of({"a": "p"})).hits[0].hits == hits


def test_a_lesion_that_the_crop_lost_is_missed(tmp_path: Path) -> None:
    store = flipped_store(tmp_path)
    plant(store, {("a", "R-CC"): [("malignant", ON, 0.9)]})
    mask = np.zeros((150, 110), np.uint8)
    mask[:5, :5] = 1
    write_mask(tmp_path / "labels" / "masks" / "a-R-CC.png", mask)
    table = write_findings(tmp_path / "labels", store, [row("a", View.R_CC, MALIGNANT)])
    result = localise(tmp_path, table, breasts_of({"a": "p"}))
    assert (result.hits[0].images, result.hits[0].hits) == (1, 0)
    assert result.froc[-1].sensitivity == 0
    assert result.overlaps[0].iou == 0
    assert result.counts[0].outside_crop == 1


def test_a_mask_that_does_not_fit_leaves_its_image_out(tmp_path: Path) -> None:
    (tmp_path / "labels" / "masks").mkdir(parents=True)
    write_mask(tmp_path / "labels" / "masks" / "a-L-CC.png", np.ones((30, 20), np.uint8))
    green = np.zeros((120, 90), np.uint8)
    green[40:50, 20:30] = 2
    write_mask(tmp_path / "labels" / "masks" / "a-L-MLO.png", green)
    result = found(tmp_path, *FINDINGS)
    assert result.images == 10
    assert result.notes == ("2 images left out: their mask or heatmap cannot be used",)
    size, colour = result.problems
    assert "30 rows, 20 columns for an image of 120 rows, 80 columns" in size.problem
    assert "has nothing in red; its row says malignant" in colour.problem
    assert result.hits[0].images == 1


def test_findings_of_images_that_are_not_there_are_told(tmp_path: Path) -> None:
    more = [row("d", View.L_CC, MALIGNANT), row("a", View.L_CC, MALIGNANT, image="L-CC-2")]
    store = write_store(tmp_path, sorted(PATIENTS))
    plant(store, PLANTED)
    table = write_findings(tmp_path / "labels", store, [*FINDINGS, *more])
    result = localise(tmp_path, table, breasts_of({**PATIENTS, "d": "s"}))
    told = [str(one) for one in result.problems]
    assert told == [
        "exam d: has findings, and is not in the store (its images cannot be looked at)",
        "findings.csv, line 6: exam a: the store has no image L-CC-2 "
        "(it was left out or refused there)",
    ]
    assert result.hits[0].images == 3


def test_only_breasts_of_the_population_are_looked_at(tmp_path: Path) -> None:
    store = write_store(tmp_path, sorted(PATIENTS))
    plant(store, PLANTED)
    table = write_findings(tmp_path / "labels", store, FINDINGS)
    population = breasts_of({"a": "p", "b": "q"})
    left = population.take(np.array([one.value == "L" for one in population.lateralities]))
    result = localise(tmp_path, table, left)
    assert (result.images, result.hits[0].images, result.patients) == (4, 2, 2)


def test_an_image_without_heatmaps_is_left_out(tmp_path: Path) -> None:
    store = write_store(tmp_path, sorted(PATIENTS))
    heatmaps = plant(store, PLANTED)
    heatmaps.path("a", "L-CC").unlink()
    table = write_findings(tmp_path / "labels", store, FINDINGS)
    result = localise(tmp_path, table, breasts_of(PATIENTS))
    assert result.images == 11
    assert "no heatmaps of exam a, image L-CC" in result.problems[0].problem
    assert str(tmp_path) not in str(result.problems[0])
    heatmaps.folder.joinpath("b", "R-CC.npz").write_bytes(b"damaged")
    assert localise(tmp_path, table, breasts_of(PATIENTS)).images == 10


def test_without_heatmaps_or_with_several_sets_it_is_said(tmp_path: Path) -> None:
    store = write_store(tmp_path, sorted(PATIENTS))
    table = write_findings(tmp_path / "labels", store, FINDINGS)
    population = breasts_of(PATIENTS)
    with pytest.raises(TableError, match="has no heatmaps"):
        localise(tmp_path, table, population)
    plant(store, PLANTED, weights="a" * 64)
    plant(store, {}, weights="b" * 64)
    with pytest.raises(TableError, match=r"has 2 sets of heatmaps .*bbbbbbbbbbbb"):
        localise(tmp_path, table, population)
    with pytest.raises(TableError, match="no heatmaps of patch weights cc"):
        localise(tmp_path, table, population, patch_weights="cc")
    assert localise(tmp_path, table, population, patch_weights="aaa").hits[0].hits == 2
    nothing = localise(tmp_path, table, population, patch_weights="b" * 64)
    assert nothing.hits[0].points_nowhere == 3
    assert np.isnan(nothing.hits[0].rate)
    again = plant(store, PLANTED, weights="a" * 64, seed=7)
    with pytest.raises(TableError, match="has 2 sets of heatmaps") as caught:
        localise(tmp_path, table, population, patch_weights="aaa")
    assert again.kind.name in caught.value.problem
    assert "--heatmaps" in (caught.value.hint or "")
    told = localise(tmp_path, table, population, heatmaps=again.kind.name)
    assert told.heatmaps.endswith("seed 7")
    with pytest.raises(TableError, match="no heatmaps of key zz"):
        localise(tmp_path, table, population, heatmaps="zz")


def test_other_exams_than_the_stores_are_refused(tmp_path: Path) -> None:
    store = write_store(tmp_path, sorted(PATIENTS))
    plant(store, PLANTED)
    table = write_findings(tmp_path / "labels", store, FINDINGS)
    with pytest.raises(TableError, match="has none of the 2 exams"):
        localise(tmp_path, table, breasts_of({"x": "p", "y": "q"}))


def test_a_population_without_findings_has_no_rows(tmp_path: Path) -> None:
    result = found(tmp_path, planted={})
    assert (result.images, result.hits, result.froc) == (12, (), ())
    assert localisation_drawn(result) is None


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0.0}, {"within_px": -1.0}, {"draws": 1}, {"false_marks": (-1.0,)}]
)
def test_options_outside_their_range_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        localise(
            tmp_path, tmp_path, breasts_of(PATIENTS),
            options=replace(LocalisingOptions(), **wrong),  # type: ignore[arg-type]
        )  # fmt: skip
