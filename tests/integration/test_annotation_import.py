"""Pixel labels of a synthetic population brought in: from its own table, and as DICOM SEG."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from fourview.core.errors import ImageError
from fourview.core.recipe import Recipe
from fourview.core.records import Pathology
from fourview.core.views import View
from fourview.dataset.annotating.annotations import AnnotationResult, import_annotations
from fourview.imaging.intensity import to_presentation
from fourview.imaging.mask_alignment import place_mask
from fourview.imaging.segmentation import breast_mask
from fourview.inference.prepare import prepare
from fourview.io.annotations.seg import instance_uid, is_seg, read_seg_header, read_segments
from fourview.io.dicom import read_dicom
from fourview.io.exam_table import read_exam_table
from fourview.io.label_table import read_label_table
from fourview.io.masks import read_mask, write_mask
from fourview.synthesis import SynthesisOptions, write_population
from support.seg_files import MALIGNANT, write_seg

OPTIONS = {"n": 6, "scale": 0.1, "enrich": 1.0}
VIEWS = [view.value for view in View]


@pytest.fixture(scope="module", params=["dicom", "png"])
def population(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("annotated") / str(request.param)
    write_population(out, SynthesisOptions(**OPTIONS, format=str(request.param)))
    return out


@pytest.fixture(scope="module")
def dicoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("segmented") / "dicom"
    write_population(out, SynthesisOptions(**{**OPTIONS, "n": 2}))
    return out


def brought_in(population: Path, *sources: Path, out: Path) -> AnnotationResult:
    return import_annotations(read_exam_table(population / "exams.csv"), sources, out)


def rows(path: Path, *, without: str) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [
            {k: v for k, v in row.items() if k not in (without, "path")}
            for row in csv.DictReader(file)
        ]


def test_a_population_comes_back_byte_for_byte_and_row_for_row(
    population: Path, tmp_path: Path
) -> None:
    result = import_annotations(
        read_exam_table(population / "exams.csv"),
        [population / "findings.csv"],
        tmp_path,
        labels=read_label_table(population / "labels.csv"),
    )
    assert result.problems == ()
    masks = sorted(population.glob("exams/*/masks/*.png"))
    assert len(masks) == len(result.masks) > 3
    for mask in masks:
        assert (tmp_path / "masks" / mask.parts[-3] / mask.name).read_bytes() == mask.read_bytes()
    before = rows(population / "findings.csv", without="mask")
    assert rows(tmp_path / "findings.csv", without="mask") == before
    assert any(row["view"].endswith("-2") for row in before)


def test_a_prepared_mask_is_the_mask_of_the_prepared_image(dicoms: Path) -> None:
    """The mask is written into the lowest two bits of the source image, and read out of the
    prepared one: cut, turned rightward, inverted."""
    flips = set()
    for path in sorted(dicoms.glob("exams/*/*.dcm")):
        if path.stem not in VIEWS:
            continue
        mammogram = read_dicom(path)
        rows, columns = np.indices(mammogram.pixels.shape)
        mask = ((rows // 5 + 3 * (columns // 7)) % 4).astype(np.uint8)
        lowest = 3 - mask if mammogram.grayscale.inverted else mask
        marked = replace(mammogram, pixels=(mammogram.pixels & ~np.uint16(3)) | lowest)
        prepared = prepare(marked, Recipe())
        placed = place_mask(mask, prepared.placement)
        assert len(np.unique(placed)) == 4
        assert np.array_equal(placed, prepared.pixels & 3)
        flips.add(prepared.placement.flipped)
    assert flips == {True, False}


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_a_segmentation_becomes_a_mask(dicoms: Path, tmp_path: Path, kind: str) -> None:
    image, area, other = segmented(dicoms)
    areas = [area, other]
    if kind == "FRACTIONAL":
        areas = [area * 0.8 + other * 0.3, other * 0.6]
    write_seg(tmp_path / "a" / "seg", [image], areas, ["malignant mass", "benign"], kind=kind)
    header = read_seg_header(tmp_path / "a" / "seg")
    assert [segment.number for segment in header.segments] == [1, 2]
    result = brought_in(dicoms, tmp_path / "a", out=tmp_path / "out")
    assert result.problems == ()
    assert [(f.exam, f.image, f.pathology) for f in result.findings] == [
        (image.parent.name, "R-CC", Pathology.MALIGNANT),
        (image.parent.name, "R-CC", Pathology.BENIGN),
    ]
    assert np.array_equal(read_mask(result.masks[0]), (area * 1 + other * 2)[0])


def test_the_class_is_read_from_the_coded_type_or_told_by_a_table(
    dicoms: Path, tmp_path: Path
) -> None:
    image, area, _ = segmented(dicoms)
    write_seg(tmp_path / "a.dcm", [image], [area], ["Lesion"], property_type=MALIGNANT)
    [finding] = brought_in(dicoms, tmp_path / "a.dcm", out=tmp_path / "out").findings
    assert finding.pathology is Pathology.MALIGNANT
    write_seg(tmp_path / "b.dcm", [image], [area], ["Lesion"])
    [problem] = brought_in(dicoms, tmp_path / "b.dcm", out=tmp_path / "out").problems
    assert "segment 1 does not say whether it is malignant, benign" in problem.problem
    assert "exam,view,class,mask" in problem.hint
    for row in (f"{image.parent.name},R-CC,high risk,b.dcm", ",,high risk,b.dcm"):
        (tmp_path / "lesions.csv").write_text(f"exam,view,class,mask\n{row}\n")
        result = brought_in(dicoms, tmp_path / "lesions.csv", out=tmp_path / "out")
        assert result.problems == ()
        assert [f.pathology for f in result.findings] == [Pathology.HIGH_RISK]


def test_a_row_named_as_a_segment_means_that_segment(dicoms: Path, tmp_path: Path) -> None:
    image, area, other = segmented(dicoms)
    write_seg(tmp_path / "a.dcm", [image], [area, other], ["F1", "F2"])
    (tmp_path / "lesions.csv").write_text(
        "exam,view,finding,class,mask\n,,F1,benign,a.dcm\n,,F2,malignant,a.dcm\n"
    )
    result = brought_in(dicoms, tmp_path / "lesions.csv", out=tmp_path / "out")
    assert result.problems == ()
    assert np.array_equal(read_mask(result.masks[0]), (area * 2 + other * 1)[0])


def test_a_segmentation_of_another_image_is_refused(dicoms: Path, tmp_path: Path) -> None:
    image, area, _ = segmented(dicoms)
    write_seg(tmp_path / "a.dcm", [image], [area], ["benign"])
    table = tmp_path / "lesions.csv"
    table.write_text(f"exam,view,class,mask\n{image.parent.name},R-MLO,benign,a.dcm\n")
    [problem] = brought_in(dicoms, table, out=tmp_path / "out").problems
    assert "a segmentation of another image" in problem.problem
    foreign = dcmread(image)
    foreign.SOPInstanceUID = foreign.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    foreign.save_as(tmp_path / "foreign.dcm")
    write_seg(tmp_path / "b.dcm", [tmp_path / "foreign.dcm"], [area], ["benign"])
    [problem] = brought_in(dicoms, tmp_path / "b.dcm", out=tmp_path / "out").problems
    assert "an image that is not in the exam table" in problem.problem
    assert not (tmp_path / "out" / "masks").exists()


def test_an_image_that_is_there_twice_is_said(dicoms: Path, tmp_path: Path) -> None:
    image, area, _ = segmented(dicoms)
    write_seg(tmp_path / "a.dcm", [image], [area], ["benign"])
    (tmp_path / "exams.csv").write_text(f"exam,view,path\nE1,R-CC,{image}\nE2,R-CC,{image}\n")
    result = import_annotations(
        read_exam_table(tmp_path / "exams.csv"), [tmp_path / "a.dcm"], tmp_path / "out"
    )
    [problem] = result.problems
    assert "in the exam table 2 times" in problem.problem


def test_a_segmentation_of_another_size_or_without_marks_is_refused(
    dicoms: Path, tmp_path: Path
) -> None:
    image, area, _ = segmented(dicoms)
    write_seg(tmp_path / "a.dcm", [image], [np.zeros_like(area)], ["benign"])
    [problem] = brought_in(dicoms, tmp_path / "a.dcm", out=tmp_path / "out").problems
    assert "marks nothing" in problem.problem
    write_seg(tmp_path / "b.dcm", [image], [area], ["benign"])
    (tmp_path / "exams.csv").write_text(
        f"exam,view,path,rows,columns\nE1,R-CC,{image},{area.shape[1] * 2},{area.shape[2] * 2}\n"
    )
    result = import_annotations(
        read_exam_table(tmp_path / "exams.csv"), [tmp_path / "b.dcm"], tmp_path / "out"
    )
    [problem] = result.problems
    assert "at 0.5 of its size" in problem.hint


def test_a_damaged_segmentation_and_a_stray_image_are_said(dicoms: Path, tmp_path: Path) -> None:
    image, area, _ = segmented(dicoms)
    write_seg(tmp_path / "a.dcm", [image], [area], ["benign"])
    [uid] = read_seg_header(tmp_path / "a.dcm").images
    assert uid == instance_uid(image)
    assert read_segments(tmp_path / "a.dcm", uid)[1].sum() == area.sum()
    whole = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(whole[:-200])
    with pytest.raises(ImageError, match=r"damaged|cannot be read"):
        read_segments(tmp_path / "a.dcm", uid)
    (tmp_path / "a.dcm").write_bytes(whole[:1000])
    assert not is_seg(image)
    shutil.copy(image, tmp_path / "stray.dcm")
    problems = brought_in(dicoms, tmp_path, out=tmp_path / "out").problems
    assert [(p.place, p.level) for p in problems] == [("a.dcm", "error"), ("stray.dcm", "warning")]


def test_no_name_of_a_patient_leaves_a_segmentation(dicoms: Path, tmp_path: Path) -> None:
    image, area, _ = segmented(dicoms)
    secret = dcmread(image)
    secret.PatientName, secret.PatientID = "Doe^Jane", "PID-4711"
    secret.save_as(tmp_path / "secret.dcm")
    write_seg(tmp_path / "a" / "a.dcm", [tmp_path / "secret.dcm"], [area], ["Doe"])
    result = brought_in(dicoms, tmp_path / "a", out=tmp_path / "out")
    written = "".join(map(str, result.problems)) + (tmp_path / "out" / "findings.csv").read_text()
    assert "Doe" not in written
    assert "4711" not in written


def segmented(dicoms: Path) -> tuple[Path, np.ndarray, np.ndarray]:
    """A DICOM image, and two areas of it, `(1, rows, columns)`."""
    image = sorted(dicoms.glob("exams/*/R-CC.dcm"))[0]
    header = dcmread(image, stop_before_pixels=True)
    area = np.zeros((1, header.Rows, header.Columns), bool)
    other = area.copy()
    area[0, 120:140, -40:-20], other[0, 150:165, -40:-25] = True, True
    return image, area, other


@pytest.mark.parametrize("turn", ["left-right", "upside-down"])
def test_a_mirrored_mask_is_warned_of(dicoms: Path, tmp_path: Path, turn: str) -> None:
    path = sorted(dicoms.glob("exams/*/masks/R-CC.png"))[0]
    mask = np.zeros_like(read_mask(path))
    mammogram = read_dicom(path.parents[1] / "R-CC.dcm")
    breast = breast_mask(to_presentation(mammogram.pixels, mammogram.grayscale))
    turned = {"left-right": breast[:, ::-1], "upside-down": breast[::-1]}
    place = turned.pop(turn) & ~breast & ~turned.popitem()[1]
    mask[place] = 2
    source = tmp_path / path.parts[-3] / path.name
    write_mask(source, mask)
    result = brought_in(dicoms, tmp_path, out=tmp_path / "out")
    [problem] = result.problems
    assert (problem.level, problem.problem) == (
        "warning",
        "0% of what is marked lies on the breast",
    )
    assert turn in problem.hint
    assert len(result.findings) == 1


def test_a_file_of_another_size_than_the_table_says_is_warned_of(
    population: Path, tmp_path: Path
) -> None:
    exams = (population / "exams.csv").read_text().replace("exams/", f"{population}/exams/")
    path = sorted(population.glob("exams/*/masks/*.png"))[0]
    rows, columns = read_mask(path).shape
    (tmp_path / "exams.csv").write_text(exams.replace(f",{rows},{columns},", f",{rows},9,"))
    write_mask(tmp_path / "m" / path.parts[-3] / path.name, np.ones((rows, 9), np.uint8))
    result = import_annotations(
        read_exam_table(tmp_path / "exams.csv"), [tmp_path / "m"], tmp_path / "out"
    )
    [problem] = result.problems
    assert f"the image has {rows} rows, {columns} columns" in problem.problem
