"""Which images patches are drawn from (SI, 'Details of the auxiliary patch-level classifier')."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import TrainingError
from fourview.core.records import FindingRecord
from fourview.core.views import Label, View
from fourview.io.masks import write_mask
from fourview.io.store.finding_image import image_of
from fourview.training.patch_data import read_patch_data
from fourview.training.patch_images import PatchData, PatchImages, check_images
from support.patch_sets import BENIGN, MALIGNANT, PatchSet, finding, write_patch_set

LEFT = ("L-CC", "L-MLO")
ALL = tuple(view.value for view in View)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PatchSet:
    return write_patch_set(tmp_path_factory.mktemp("set"))


def read(data: PatchSet, *more: FindingRecord, workers: int = 0) -> PatchData:
    findings = [*data.findings, *more]
    return read_patch_data(
        data.store, findings, data.masks, data.labels, data.splits, workers=workers
    )


def offered(images: PatchImages, wanted: str) -> list[tuple[str, str]]:
    return sorted((v.exam, v.image) for v in map(images.view, images.of(wanted)))


def of_exams(exams: tuple[str, ...], images: tuple[str, ...]) -> list[tuple[str, str]]:
    return sorted((exam, image) for exam in exams for image in images)


def test_images_offer_classes_as_the_paper_says(data: PatchSet) -> None:
    """Red gives malignant; green and yellow benign; every segmented image outside; all images of
    negative exams negative. Occult exams and unmarked images of positive exams give none."""
    training = read(data).training
    assert offered(training, "malignant") == of_exams(("mal",), LEFT)
    assert offered(training, "benign") == of_exams(("ben", "yellow"), LEFT)
    assert offered(training, "outside") == of_exams(("mal", "ben", "yellow"), LEFT)
    assert offered(training, "negative") == of_exams(("neg1", "neg2"), ALL)


def test_an_image_with_a_finding_of_unknown_place_gives_no_patch(data: PatchSet) -> None:
    """Its place may lie in a patch that the marks call outside."""
    unplaced = replace(finding("mal", View.L_CC, MALIGNANT, ""), occult=False)
    found = read(replace(data, findings=(*data.findings, unplaced)))
    views = {(one.view.exam, one.view.view) for one in found.training.segmented}
    assert ("mal", View.L_CC) not in views
    assert ("mal", View.L_MLO) in views
    assert any("the place is not known" in note for note in found.notes)


def test_splits_do_not_mix(data: PatchSet) -> None:
    validation = read(data).validation
    assert offered(validation, "outside") == of_exams(("vmal", "vben"), LEFT)
    assert offered(validation, "negative") == of_exams(("vneg",), ALL)


def test_a_negative_exam_with_a_finding_is_not_negative(data: PatchSet) -> None:
    training = read(data, finding("neg1", View.R_CC, BENIGN, "")).training
    assert offered(training, "negative") == of_exams(("neg2",), ALL)


def test_test_exams_and_exams_without_labels_are_not_read(data: PatchSet) -> None:
    labels = {name: one for name, one in data.labels.items() if name != "neg1"}
    changed = replace(data, labels=labels, splits={**data.splits, "neg2": "test", "mal": "test"})
    found = read(changed)
    assert offered(found.training, "negative") == []
    assert offered(found.training, "malignant") == []
    assert found.notes == ("left out: 1 exams without labels",)


def test_marks_lie_where_the_mask_has_them(data: PatchSet) -> None:
    (image,) = [one for one in read(data).training.segmented if one.view.exam == "mal"][:1]
    (part,) = image.marks.parts
    assert part.values.shape == (12, 14)
    assert (part.box.top, part.box.left) == (50, 20)
    pixels = image.view.shape[0] * image.view.shape[1]
    assert image.parts == (12 * 14 / pixels, 0)


def test_a_mask_that_marks_nothing_gives_no_segmented_image(tmp_path: Path) -> None:
    data = write_patch_set(tmp_path)
    (view,) = data.store.views("mal").l_cc
    write_mask(tmp_path / "masks/mal/L-CC.png", np.zeros(view.shape, np.uint8))
    found = read(data)
    assert offered(found.training, "malignant") == [("mal", "L-MLO")]
    assert "marks nothing" in found.notes[0]


def test_two_masks_of_an_image_are_merged(tmp_path: Path) -> None:
    data = write_patch_set(tmp_path)
    (view,) = data.store.views("mal").l_cc
    mask = np.zeros(view.shape, np.uint8)
    mask[52:60, 70:75] = 2
    write_mask(tmp_path / "other.png", mask)
    training = read(data, finding("mal", View.L_CC, BENIGN, "other.png")).training
    assert ("mal", "L-CC") in offered(training, "malignant")
    assert ("mal", "L-CC") in offered(training, "benign")


def test_areas_are_sums_of_parts_of_images(data: PatchSet) -> None:
    """SI, 'Training and architecture': the images' parts that are malignant, benign, and the rest;
    as many other images as 7,000 to 6,758."""
    training = read(data).training
    areas = training.areas(seed=0)
    parts = np.array([image.parts for image in training.segmented])
    assert areas["malignant"] == pytest.approx(parts[:, 0].sum())
    assert areas["benign"] == pytest.approx(parts[:, 1].sum())
    assert sum(areas[name] for name in ("malignant", "benign", "outside")) == pytest.approx(6)
    assert areas["negative"] == pytest.approx(6, rel=0.2)


def test_the_digest_knows_every_mark(data: PatchSet, tmp_path: Path) -> None:
    digest = read(data).training.digest()
    assert digest == read(data, workers=2).training.digest()
    other = write_patch_set(tmp_path)
    assert read(other).training.digest() == digest
    (view,) = other.store.views("mal").l_cc
    mask = np.zeros(view.shape, np.uint8)
    mask[50:62, 20:35] = 1
    write_mask(tmp_path / "masks/mal/L-CC.png", mask)
    assert read(other).training.digest() != digest


def test_a_finding_of_an_exam_that_is_not_there_is_refused(data: PatchSet) -> None:
    with pytest.raises(TrainingError, match="exam elsewhere has a finding"):
        read(data, finding("elsewhere", View.L_CC, BENIGN, ""))


def test_a_missing_mask_is_refused(data: PatchSet) -> None:
    with pytest.raises(TrainingError, match=r"exam neg1: mask gone\.png is not there"):
        read(data, finding("neg1", View.L_CC, BENIGN, "gone.png"))


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    data = write_patch_set(tmp_path)
    write_mask(tmp_path / "masks/ben/L-CC.png", np.ones((10, 10), np.uint8))
    with pytest.raises(TrainingError, match=r"exam ben, L-CC: mask .* 10 rows"):
        read(data)


def test_a_split_without_a_class_is_refused(data: PatchSet) -> None:
    labels = {
        **data.labels,
        "vneg": replace(data.labels["vneg"], values=dict.fromkeys(Label, True)),
    }
    with pytest.raises(TrainingError, match="the validation split has no image that a negative"):
        check_images(read(replace(data, labels=labels)))
    splits = {**data.splits, "mal": "test"}
    with pytest.raises(TrainingError, match="the training split has no image that a malignant"):
        check_images(read(replace(data, splits=splits)))


def test_a_finding_is_found_by_path_name_and_number(data: PatchSet) -> None:
    (one,) = data.store.views("mal").l_cc
    first = replace(one, source="exams/mal/a.dcm")
    second = replace(one, source="exams/mal/b.dcm", image="L-CC_2")
    row = finding("mal", View.L_CC, MALIGNANT, "m.png")
    both = [first, second]
    assert image_of(row, both) is first
    assert image_of(replace(row, image="L-CC-2"), both) is second
    assert image_of(replace(row, image="L-CC-3"), both) is None
    assert image_of(replace(row, path="exams/mal/b.dcm"), both) is second
    assert image_of(replace(row, path="/elsewhere/b.dcm"), both) is second
    assert image_of(replace(row, path="exams/mal/c.dcm"), both) is None
    named = replace(second, source="exams/mal/L-CC-7.png")
    assert image_of(replace(row, image="L-CC-7"), [first, named]) is named
