"""Public data sets as small synthetic trees with the published columns."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import ExamError, RecipeError, TableError
from fourview.core.views import Label
from fourview.dataset.importers import DATASETS, ImportResult, import_dataset
from fourview.dataset.indexing.check import check_exam_table
from fourview.io.annotations.shapes import shape_cells
from fourview.io.assessments import read_assessments
from fourview.io.biopsies import read_biopsies
from fourview.io.exam_table import read_exam_table
from fourview.io.exams import find_exams
from fourview.io.finding_table import read_finding_table
from fourview.io.label_table import read_label_table
from fourview.io.masks import read_mask
from fourview.io.table import read_rows
from support.public_sets import (
    TREES,
    cbis_ddsm,
    cmmd,
    embed,
    inbreast,
    rsna,
    vindr_mammo,
    write_csv,
)

USED = {
    "mini-mias": 6,
    "cbis-ddsm": 3,
    "inbreast": 4,
    "vindr-mammo": 4,
    "cmmd": 6,
    "rsna-2022": 8,
    "embed": 4,
}
"""Images that are used; the trees hold others too."""
MAIN_TABLES = {
    "mini-mias": "Info.txt",
    "cbis-ddsm": "mass_case_description_train_set.csv",
    "inbreast": "INbreast.csv",
    "vindr-mammo": "breast-level_annotations.csv",
    "cmmd": "CMMD_clinicaldata_revision.csv",
    "rsna-2022": "train.csv",
    "embed": "tables/EMBED_OpenData_metadata.csv",
}
CSV_SETS = [name for name in TREES if name != "mini-mias"]


def imported(name: str, tmp_path: Path) -> ImportResult:
    return import_dataset(name, TREES[name](tmp_path / "set"), tmp_path / "out")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def positives(out: Path) -> dict[str, set[str]]:
    return {
        name: {label.value for label, value in labels.values.items() if value}
        for name, labels in read_label_table(out / "labels.csv").items()
    }


def test_each_set_has_a_tree() -> None:
    assert set(TREES) == set(DATASETS)


@pytest.mark.parametrize("name", TREES)
def test_what_is_imported_can_be_screened(name: str, tmp_path: Path) -> None:
    """exams.csv is a manifest, of which each used image is found as an exam's."""
    told: list[tuple[int, int]] = []
    tree = TREES[name](tmp_path / "set")
    result = import_dataset(
        name, tree, tmp_path / "out", on_progress=lambda done, total: told.append((done, total))
    )
    assert result.images == USED[name]
    assert not [one for one in result.problems if one.level == "error"]
    found = find_exams([tmp_path / "out" / "exams.csv"])
    assert not found.refused
    assert sum(len(exam.images) for exam in found.exams) == USED[name]
    assert len(found.exams) == result.exams
    table = read_exam_table(tmp_path / "out" / "exams.csv")
    assert not table.problems
    checked = check_exam_table(tmp_path / "out" / "exams.csv", today=date(2026, 1, 1))
    assert not [one for one in checked.problems if one.level == "error"]
    assert told
    assert all(done <= total for done, total in told)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert about["counts"]["images"] == result.images
    assert about["licence"]
    assert about["what_the_set_lacks"]
    assert about["tables_read"]


@pytest.mark.parametrize("name", ["inbreast", "vindr-mammo", "embed"])
def test_a_set_without_pathology_of_breasts_has_no_labels(name: str, tmp_path: Path) -> None:
    imported(name, tmp_path)
    assert not (tmp_path / "out" / "labels.csv").exists()
    assert not (tmp_path / "out" / "findings.csv").exists()
    assert not (tmp_path / "out" / "masks").exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("inbreast", {("L", "4a"), ("R", "1")}),
        ("vindr-mammo", {("L", "5"), ("R", "1")}),
        ("embed", {("L", "0"), ("R", "1")}),
        ("rsna-2022", {("L", "0"), ("R", "0")}),
        ("cbis-ddsm", {("L", "4"), ("R", "4")}),
    ],
)
def test_assessments_are_written_as_the_label_command_reads_them(
    name: str, expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    imported(name, tmp_path)
    table = read_assessments(tmp_path / "out" / "assessments.csv")
    assert not table.problems
    found = {(one.laterality.value, one.category) for one in table.assessments if one.laterality}
    assert found == expected


def test_cbis_ddsm_finds_the_mask_where_the_table_exchanges_it(tmp_path: Path) -> None:
    result = imported("cbis-ddsm", tmp_path)
    assert (result.exams, result.findings, result.masks) == (2, 3, 3)
    assert positives(tmp_path / "out") == {
        "P_00001": {"left_malignant"},
        "P_00002": {"right_benign"},
    }
    labels = read_label_table(tmp_path / "out" / "labels.csv")
    assert labels["P_00001"].biopsied
    assert not labels["P_00002"].biopsied  # benign without callback
    table = read_finding_table(tmp_path / "out" / "findings.csv")
    assert not table.problems
    for finding, value in zip(table.findings, (1, 1, 2), strict=True):
        path = table.mask_path(finding)
        assert path is not None
        expected = np.zeros((200, 150), np.uint8)
        expected[60:80, 20:50] = value
        np.testing.assert_array_equal(read_mask(path), expected)


def test_cbis_ddsm_reads_the_newer_names_of_the_download(tmp_path: Path) -> None:
    folder = cbis_ddsm(tmp_path / "set")
    for path in sorted((folder / "CBIS-DDSM").rglob("*.dcm")):
        new = path.parents[2] / "1-06-07-2016" / path.parent.name / f"1-{path.stem[-1]}.dcm"
        new.parent.mkdir(parents=True, exist_ok=True)
        path.rename(new)
    result = import_dataset("cbis-ddsm", folder, tmp_path / "out")
    assert (result.images, result.masks) == (3, 3)


def test_a_cbis_mask_of_another_size_is_told_and_its_finding_kept(tmp_path: Path) -> None:
    folder = cbis_ddsm(tmp_path / "set")
    for path in (folder / "CBIS-DDSM").glob("*P_00002*_1/1.3/1.4/000001.dcm"):
        path.unlink()
    result = import_dataset("cbis-ddsm", folder, tmp_path / "out")
    assert (result.findings, result.masks) == (3, 2)
    assert any("a mask of 20x30 for an image of 200x150" in str(one) for one in result.problems)


def test_an_outlines_file_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    folder = cbis_ddsm(tmp_path / "set")
    for path in (folder / "CBIS-DDSM").glob("*P_00002*_1/1.3/1.4/*.dcm"):
        path.unlink()
    result = import_dataset("cbis-ddsm", folder, tmp_path / "out")
    assert (result.findings, result.masks) == (3, 2)
    (problem,) = (one for one in result.problems if one.level == "error")
    assert "no such file: Mass-Training_P_00002_RIGHT_CC_1/1.3/1.4/000000.dcm" in problem.problem


def test_inbreast_outlines_are_regions_without_a_class(tmp_path: Path) -> None:
    result = imported("inbreast", tmp_path)
    assert (result.exams, result.regions) == (1, 2)
    mass, point = read_rows(tmp_path / "out" / "regions.csv", required=("exam", "view", "shape"))
    assert (mass.get("view"), mass.get("type"), mass.get("birads")) == ("L-CC", "mass", "4a")
    assert shape_cells(mass).points == ((20, 30), (60, 30), (60, 90), (20, 90))
    assert (point.get("type"), shape_cells(point).points) == ("calcification", ((70.5, 100.5),))
    (image, *_) = read_exam_table(tmp_path / "out" / "exams.csv").images
    assert (image.exam, image.density) == ("6c613a14b80a8591-201001", "c")


def test_an_entity_bomb_among_the_outlines_is_told_and_stops_nothing(tmp_path: Path) -> None:
    folder = inbreast(tmp_path / "set")
    bomb = '<!DOCTYPE p [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><plist><string>&b;</string></plist>'
    (folder / "AllXML" / "20586908.xml").write_text(f'<?xml version="1.0"?>{bomb}')
    result = import_dataset("inbreast", folder, tmp_path / "out")
    assert (result.images, result.regions) == (4, 0)
    assert any("entity declarations" in one.problem for one in result.problems)


@pytest.mark.parametrize(
    "content",
    [b"no XML", b"<plist><dict/></plist>", b"<plist><array/></plist>", b"<plist><dict><key>"],
)
def test_outlines_that_cannot_be_read_are_told(content: bytes, tmp_path: Path) -> None:
    folder = inbreast(tmp_path / "set")
    (folder / "AllXML" / "20586908.xml").write_bytes(content)
    result = import_dataset("inbreast", folder, tmp_path / "out")
    assert [one.place for one in result.problems] == ["20586908.xml"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_inbreasts_portuguese_notes_may_be_in_either_encoding(
    encoding: str, tmp_path: Path
) -> None:
    folder = inbreast(tmp_path / "set")
    table = folder / "INbreast.csv"
    lines = [
        f"{'Notes' if n == 0 else 'distorção'};{line}"
        for n, line in enumerate(table.read_text().splitlines())
    ]
    table.write_bytes("\n".join([*lines, "nódulo;;;;;;;;"]).encode(encoding))
    assert import_dataset("inbreast", folder, tmp_path / "out").images == 4


def test_a_table_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    folder = cmmd(tmp_path / "set")
    table = folder / "CMMD_clinicaldata_revision.csv"
    table.write_bytes(table.read_bytes().replace(b"calcification", b"calcifica\xe7\xe3o"))
    with pytest.raises(TableError, match=r"not UTF-8 \(byte 0xe7\)"):
        import_dataset("cmmd", folder, tmp_path / "out")


def test_an_inbreast_image_of_another_side_than_its_file_is_left_out(tmp_path: Path) -> None:
    folder = inbreast(tmp_path / "set")
    edit(folder / "INbreast.csv", "removed;removed;L", "removed;removed;R")
    result = import_dataset("inbreast", folder, tmp_path / "out")
    assert result.images == 3
    assert "by its file's name" in result.problems[0].problem


def test_vindr_boxes_are_regions(tmp_path: Path) -> None:
    result = imported("vindr-mammo", tmp_path)
    assert result.regions == 1
    (row,) = read_rows(tmp_path / "out" / "regions.csv", required=("exam",))
    assert (row.get("type"), row.get("birads")) == ("mass; skin retraction", "5")
    assert shape_cells(row).bounds == (30, 90.25, 20.5, 60)
    image = read_exam_table(tmp_path / "out" / "exams.csv").images[0]
    assert (image.age, image.manufacturer, image.other["vindr_split"]) == (
        53,
        "SIEMENS",
        "training",
    )


def test_vindr_without_its_boxes_is_read_with_a_warning(tmp_path: Path) -> None:
    folder = vindr_mammo(tmp_path / "set")
    (folder / "finding_annotations.csv").unlink()
    result = import_dataset("vindr-mammo", folder, tmp_path / "out")
    assert (result.images, [one.level for one in result.problems]) == (4, ["warning"])
    assert not (tmp_path / "out" / "regions.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("20.5,30,60,90.25", "20.5,30,,90.25", "some are empty"),
        ("20.5,30,60,90.25", "60,30,20.5,90.25", "has no area"),
        ("20.5,30,60,90.25", "a,30,60,90.25", "xmin is 'a'"),
    ],
)
def test_a_box_that_is_none_is_told(old: str, new: str, told: str, tmp_path: Path) -> None:
    folder = vindr_mammo(tmp_path / "set")
    edit(folder / "finding_annotations.csv", old, new)
    result = import_dataset("vindr-mammo", folder, tmp_path / "out")
    assert result.regions == 0
    assert told in result.problems[0].problem


def test_cmmd_takes_views_from_headers_and_labels_from_its_table(tmp_path: Path) -> None:
    imported("cmmd", tmp_path)
    assert positives(tmp_path / "out") == {
        "D1-0001": {"left_malignant"},
        "D2-0002": {"right_benign"},
    }
    images = read_exam_table(tmp_path / "out" / "exams.csv").images
    assert [one.view.value for one in images[:4] if one.view] == ["L-CC", "R-CC", "L-MLO", "R-MLO"]
    assert {one.age for one in images} == {44, 63}


def test_a_cmmd_patient_without_images_is_a_refused_row(tmp_path: Path) -> None:
    folder = cmmd(tmp_path / "set")
    with (folder / "CMMD_clinicaldata_revision.csv").open("a") as file:
        file.write("D2-0003,R,50,Benign,2,mass,\n")
    result = import_dataset("cmmd", folder, tmp_path / "out")
    assert (result.refused, result.exams, result.labelled) == (1, 2, 2)


def test_a_spreadsheet_is_asked_for_as_csv(tmp_path: Path) -> None:
    folder = cmmd(tmp_path / "set")
    table = folder / "CMMD_clinicaldata_revision.csv"
    table.rename(table.with_suffix(".xlsx"))
    with pytest.raises(TableError) as raised:
        import_dataset("cmmd", folder, tmp_path / "out")
    assert "CMMD_clinicaldata_revision.xlsx: a spreadsheet" in raised.value.problem
    assert "save it as CSV" in raised.value.hint


def test_rsna_labels_tell_cancer_and_benign_biopsies(tmp_path: Path) -> None:
    result = imported("rsna-2022", tmp_path)
    assert positives(tmp_path / "out") == {"10006": {"left_malignant"}, "10011": {"right_benign"}}
    assert result.set_aside == 1
    aside = [
        one for one in read_exam_table(tmp_path / "out" / "exams.csv").images if not one.is_used
    ]
    assert [one.reason for one in aside] == ["not one of the four screening views: AT"]


def test_embed_leaves_labels_to_its_biopsies(tmp_path: Path) -> None:
    result = imported("embed", tmp_path)
    assert (result.biopsies, result.regions, result.set_aside) == (2, 1, 1)
    table = read_biopsies(tmp_path / "out" / "biopsies.csv")
    assert [one.date.isoformat() for one in table.biopsies] == ["2013-06-01"]
    assert "the result '6'" in table.unclear[0].problem  # not of the breast: for the user to say
    image = read_exam_table(tmp_path / "out" / "exams.csv").images[0]
    assert (image.exam, image.density, image.age) == ("1700088308490680", "b", 58)
    (row,) = read_rows(tmp_path / "out" / "regions.csv", required=("exam",))
    assert shape_cells(row).bounds == (30, 90, 20, 60)


@pytest.mark.parametrize("name", TREES)
def test_a_missing_table_is_named_with_where_to_have_it(name: str, tmp_path: Path) -> None:
    folder = TREES[name](tmp_path / "set")
    (folder / MAIN_TABLES[name]).unlink()
    with pytest.raises(TableError) as raised:
        import_dataset(name, folder, tmp_path / "out")
    assert Path(MAIN_TABLES[name]).name in raised.value.problem
    assert DATASETS[name].where in raised.value.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", CSV_SETS)
def test_a_missing_column_is_named_with_the_columns_found(name: str, tmp_path: Path) -> None:
    folder = TREES[name](tmp_path / "set")
    table = folder / MAIN_TABLES[name]
    column = {"cbis-ddsm": "pathology", "inbreast": "Bi-Rads", "vindr-mammo": "breast_birads"}
    column |= {"cmmd": "classification", "rsna-2022": "biopsy", "embed": "ViewPosition"}
    edit(table, column[name], "something")
    with pytest.raises(TableError, match=f"no column '{column[name]}'; found .*'something'"):
        import_dataset(name, folder, tmp_path / "out")


@pytest.mark.parametrize("name", CSV_SETS)
def test_a_table_in_another_encoding_is_told(name: str, tmp_path: Path) -> None:
    folder = TREES[name](tmp_path / "set")
    table = folder / MAIN_TABLES[name]
    table.write_bytes(table.read_text().encode("utf-16"))
    with pytest.raises(TableError, match="encoded as UTF-16"):
        import_dataset(name, folder, tmp_path / "out")


@pytest.mark.parametrize("name", ["rsna-2022", "vindr-mammo", "embed", "inbreast"])
def test_an_image_that_stands_there_twice_counts_once(name: str, tmp_path: Path) -> None:
    folder = TREES[name](tmp_path / "set")
    table = folder / MAIN_TABLES[name]
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines, lines[1]]) + "\n")
    result = import_dataset(name, folder, tmp_path / "out")
    assert result.images == USED[name]
    assert any("stands there twice" in one.problem for one in result.problems)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("cbis-ddsm", "MALIGNANT", "UNSURE", "the pathology is 'UNSURE'"),
        ("cmmd", "Malignant", "Unsure", "the classification is 'Unsure'"),
        ("rsna-2022", ",61.0,1,1,", ",61.0,,1,", "cancer is empty"),
        ("rsna-2022", "10006,6000,L", "10006,6000,X", "laterality is 'X'"),
    ],
)
def test_an_exam_whose_class_cannot_be_read_has_no_labels(
    name: str, old: str, new: str, told: str, tmp_path: Path
) -> None:
    """Zeros would say that nothing is there."""
    folder = TREES[name](tmp_path / "set")
    edit(folder / MAIN_TABLES[name], old, new)
    result = import_dataset(name, folder, tmp_path / "out")
    assert any(told in one.problem for one in result.problems), result.problems
    labels = read_label_table(tmp_path / "out" / "labels.csv")
    assert len(labels) == 1


def test_many_missing_images_are_told_in_few_lines(tmp_path: Path) -> None:
    folder = rsna(tmp_path / "set")
    with (folder / "train.csv").open("a") as file:
        for number in range(30):
            file.write(f"2,777,{90000 + number},L,CC,50,0,0,0,,0,B,29,False\n")
    result = import_dataset("rsna-2022", folder, tmp_path / "out")
    assert (result.refused, len(result.problems)) == (30, 21)
    assert "10 more files are not there" in result.problems[-1].problem
    assert "777" not in read_label_table(tmp_path / "out" / "labels.csv")


def test_embed_is_found_below_other_roots(tmp_path: Path) -> None:
    folder = embed(tmp_path / "set")
    (folder / "images" / "cohort_1").rename(folder / "cohort_1")
    assert import_dataset("embed", folder, tmp_path / "out").images == 4


def test_an_unknown_set_is_refused_with_the_names_of_those_known(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no data set is called 'ddsm'") as raised:
        import_dataset("ddsm", tmp_path, tmp_path / "out")
    assert "cbis-ddsm" in raised.value.hint


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="no such folder"):
        import_dataset("cmmd", tmp_path / "nothing", tmp_path / "out")


def test_the_same_set_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = cbis_ddsm(tmp_path / "set")
    for out in ("one", "two"):
        import_dataset("CBIS DDSM", folder, tmp_path / out)
    for path in (tmp_path / "one").rglob("*.*"):
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()


def test_columns_with_odd_spaces_and_semicolons_are_read(tmp_path: Path) -> None:
    folder = cmmd(tmp_path / "set")
    table = folder / "CMMD_clinicaldata_revision.csv"
    with table.open(newline="") as file:
        rows = [
            {f" {name.upper()} ": cell for name, cell in row.items()}
            for row in csv.DictReader(file)
        ]
    write_csv(table, rows, separator=";")
    assert import_dataset("cmmd", folder, tmp_path / "out").labelled == 2


def test_a_row_with_cells_missing_is_told_and_left_out(tmp_path: Path) -> None:
    folder = rsna(tmp_path / "set")
    with (folder / "train.csv").open("a") as file:
        file.write("2,10006\n")
    result = import_dataset("rsna-2022", folder, tmp_path / "out")
    assert "has 2 cells; the header has 14" in result.problems[0].problem
    assert set(positives(tmp_path / "out")) == {"10011"}  # the row may have told of a cancer


def test_labels_are_known_of_both_breasts(tmp_path: Path) -> None:
    imported("rsna-2022", tmp_path)
    labels = read_label_table(tmp_path / "out" / "labels.csv")["10006"]
    assert set(labels.values) == set(Label)


def test_embed_exams_without_a_row_in_the_clinical_table_are_counted(tmp_path: Path) -> None:
    folder = embed(tmp_path / "set")
    table = folder / MAIN_TABLES["embed"]
    table.write_text(table.read_text().replace("1700088308490680", "99"))
    result = import_dataset("embed", folder, tmp_path / "out")
    (problem,) = result.problems
    assert (problem.level, problem.problem) == (
        "warning",
        "1 of 1 exams are not in the clinical table",
    )
