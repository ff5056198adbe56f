"""Pixel labels of every kind, to findings.csv and masks; what is wrong with them is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.errors import OutputError, TableError
from fourview.core.records import ExamLabels, Pathology
from fourview.core.views import Label
from fourview.dataset.annotating.annotations import AnnotationResult, import_annotations
from fourview.io.exam_table import ExamTable, read_exam_table
from fourview.io.finding_table import read_finding_table
from fourview.io.masks import read_mask

SIZE = (60, 40)
EXAMS = """exam,view,path,status,rows,columns
E1,L-CC,E1/a.png,ok,60,40
E1,R-CC,E1/b.png,ok,60,40
E1,L-MLO,E1/c.png,ok,60,40
E1,R-MLO,E1/d.png,ok,60,40
E1,R-MLO,E1/e.png,ok,60,40
E2,L-CC,E2/a.png,ok,,
E2,R-CC,E2/b2.png,set aside,60,40
"""
RED, GREEN, YELLOW = (255, 0, 0), (0, 255, 0), (255, 255, 0)


@pytest.fixture
def exams(tmp_path: Path) -> ExamTable:
    path = tmp_path / "exams.csv"
    path.write_text(EXAMS)
    (tmp_path / "E2").mkdir()
    Image.fromarray(np.zeros(SIZE, np.uint16)).save(tmp_path / "E2" / "a.png")
    return read_exam_table(path)


def drawn(
    path: Path, *boxes: tuple[int, tuple[int, int, int]], size: tuple[int, int] = SIZE
) -> Path:
    """A colour mask of 10 x 10 boxes, each from its row on."""
    pixels = np.zeros((*size, 3), np.uint8)
    for row, colour in boxes:
        pixels[row : row + 10, 5:15] = colour
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def box(row: int) -> NDArray[np.bool_]:
    area = np.zeros(SIZE, bool)
    area[row : row + 10, 5:15] = True
    return area


def listed(tmp_path: Path, *lines: str, header: str = "exam,view,finding,class,type,mask") -> Path:
    path = tmp_path / "source" / "lesions.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join((header, *lines)) + "\n")
    return path


def labels(**true: list[str]) -> dict[str, ExamLabels]:
    return {
        exam: ExamLabels(exam=exam, values={label: label.value in names for label in Label})
        for exam, names in true.items()
    }


def said(result: AnnotationResult) -> list[str]:
    return [str(problem) for problem in result.problems]


SHAPES = "exam,view,finding,class,type,occult,shape,points,x,y,radius,path"


def test_masks_in_a_table_become_our_masks_and_findings(exams: ExamTable, tmp_path: Path) -> None:
    drawn(tmp_path / "source" / "m.png", (3, RED), (20, GREEN))
    table = listed(
        tmp_path,
        "E1,L-CC,F1,malignant,mass,m.png",
        "E1,L-CC,F2,Benign,calcification,m.png",
        "E1,L-MLO,F1,cancer,mass,m.png",
    )
    result = import_annotations(exams, [table], tmp_path / "out")
    assert [problem.problem for problem in result.problems] == [
        "its mask also marks benign, which no row names; the mask keeps it"
    ]
    assert (tmp_path / "out" / "findings.csv").read_text().splitlines() == [
        "exam,view,finding,class,type,occult,mask",
        "E1,L-CC,F1,malignant,mass,0,masks/E1/L-CC.png",
        "E1,L-CC,F2,benign,calcification,0,masks/E1/L-CC.png",
        "E1,L-MLO,F1,malignant,mass,0,masks/E1/L-MLO.png",
    ]
    mask = read_mask(tmp_path / "out" / "masks" / "E1" / "L-CC.png")
    assert np.array_equal(mask, box(3) * 1 + box(20) * 2)
    assert len(result.masks) == 2
    assert len(read_finding_table(tmp_path / "out" / "findings.csv").findings) == 3


def test_shapes_become_masks(exams: ExamTable, tmp_path: Path) -> None:
    table = listed(
        tmp_path,
        "E1,R-CC,,high risk,,,box,5 3; 14 12,,,,",
        "E1,R-CC,,b,,0,,,20,40,4,",
        "E1,L-CC,F7,benign,mass,1,,,,,,",
        header=SHAPES,
    )
    result = import_annotations(exams, [table], tmp_path / "out")
    assert said(result) == []
    assert [(f.image, f.finding, f.pathology, f.occult) for f in result.findings] == [
        ("L-CC", "F7", Pathology.BENIGN, True),
        ("R-CC", "right_high_risk_benign", Pathology.HIGH_RISK, False),
        ("R-CC", "right_benign", Pathology.BENIGN, False),
    ]
    mask = read_mask(result.masks[0])
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    disc = np.hypot(rows - 40, columns - 20) <= 4
    assert np.array_equal(mask, box(3) * 3 + disc * 2)


@pytest.mark.parametrize(
    "name",
    ["a.png", "a_mask.tiff", "E1_L-CC_mask.png", "E1/a.png", "E1/L-CC.png", "x/E1/L-CC_mask.png"],
)
def test_a_folder_of_masks_is_matched_by_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / "exams.csv"
    path.write_text(EXAMS.replace("E2,L-CC,E2/a.png,ok", "E2,L-CC,E2/z.png,ok"))
    drawn(tmp_path / "drawn" / name, (3, YELLOW))
    result = import_annotations(read_exam_table(path), [tmp_path / "drawn"], tmp_path / "out")
    assert said(result) == []
    [finding] = result.findings
    assert (finding.exam, finding.image, finding.pathology) == ("E1", "L-CC", Pathology.HIGH_RISK)
    assert (tmp_path / "out" / "masks" / "E1" / "L-CC.png").is_file()


def test_what_is_written_is_read_again_to_the_same(exams: ExamTable, tmp_path: Path) -> None:
    drawn(tmp_path / "first" / "E1_R-MLO-2_mask.png", (3, RED), (30, YELLOW))
    drawn(tmp_path / "first" / "E2_L-CC_mask.png", (8, GREEN))
    first = import_annotations(exams, [tmp_path / "first"], tmp_path / "one")
    second = import_annotations(exams, [tmp_path / "one"], tmp_path / "two")
    third = import_annotations(exams, [tmp_path / "one" / "masks"], tmp_path / "three")
    assert said(first) == said(second) == said(third) == []
    assert len(first.masks) == 2
    for other in ("two", "three"):
        for path in (tmp_path / "one").rglob("*.*"):
            again = tmp_path / other / path.relative_to(tmp_path / "one")
            assert again.read_bytes() == path.read_bytes()


def test_a_repeated_view_is_told_by_its_path(exams: ExamTable, tmp_path: Path) -> None:
    table = listed(
        tmp_path,
        "E1,R-MLO,F1,benign,,,,,20,30,4,E1/e.png",
        "E1,R-MLO-2,F2,benign,,,,,20,50,4,",
        "E1,R-MLO,F3,benign,,,,,20,30,4,",
        header=SHAPES,
    )
    result = import_annotations(exams, [table], tmp_path / "out")
    assert [(f.finding, f.image, f.path) for f in result.findings] == [
        ("F1", "R-MLO-2", "E1/e.png"),
        ("F2", "R-MLO-2", "E1/e.png"),
    ]
    [problem] = result.problems
    assert "view 'R-MLO' may mean 2 of the exam's images E1/d.png, E1/e.png" in problem.problem
    assert "column path" in problem.hint


@pytest.mark.parametrize(
    ("size", "hint"),
    [((30, 20), "at 0.5 of its size"), ((40, 60), "turned by 90 degrees"), ((59, 40), "uncropped")],
)
def test_a_mask_of_another_size_is_refused_with_both_sizes(
    exams: ExamTable, tmp_path: Path, size: tuple[int, int], hint: str
) -> None:
    drawn(tmp_path / "source" / "m.png", (3, RED), size=size)
    for row in ("E1,L-CC,F1,malignant,,m.png", "E2,L-CC,F1,malignant,,m.png"):
        result = import_annotations(exams, [listed(tmp_path, row)], tmp_path / "out")
        [problem] = result.problems
        assert f"{size[0]} rows, {size[1]} columns" in problem.problem
        assert "60 rows, 40 columns" in problem.problem
        assert hint in problem.hint
        assert result.findings == ()


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("E9,L-CC,F1,benign,,m.png", "no exam 'E9' is used in the exam table"),
        ("E2,R-CC,F1,benign,,m.png", "no image R-CC of exam 'E2'"),
        ("E1,L-CC,F1,suspicious,,m.png", "class is 'suspicious'; expected malignant, benign"),
        ("E1,L-XX,F1,benign,,m.png", "the view is 'L-XX'"),
        ("E1,L-CC-2,F1,benign,,m.png", "view 'L-CC-2' is none of the exam's images E1/a.png"),
        ("E1,L-CC,F1,benign,,none.png", "the mask 'none.png' is not there"),
        ("E1,L-CC,F1,benign,,m.png", "marks red (malignant); its row says benign"),
        ("E1,L-CC,F1,benign,,empty.png", "empty.png: the mask marks nothing"),
        ("E1,L-CC,F1,benign,,text.png", "not a picture of a mask"),
        ("E1,L-CC,F1,benign,,cut.png", "damaged or cut off"),
        ("E1,L-CC,F1,benign,,blue.png", "the colour (0,0,255) at row 3, column 5"),
        ("E1,L-CC,F1,benign,,", "has neither a mask nor a shape"),
        ("E1,L-CC,F1,benign,m.png", "has 5 cells"),
        ("a/b,L-CC,F1,benign,,m.png", "path separator"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_and_the_others_are_read(
    exams: ExamTable, tmp_path: Path, row: str, what: str
) -> None:
    folder = tmp_path / "source"
    drawn(folder / "m.png", (3, RED))
    drawn(folder / "empty.png")
    drawn(folder / "blue.png", (3, (0, 0, 255)))
    (folder / "text.png").write_text("no picture")
    noise = np.random.default_rng(0).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / "cut.png")
    (folder / "cut.png").write_bytes((folder / "cut.png").read_bytes()[:900])
    table = listed(tmp_path, row, "E1,R-CC,F2,malignant,,m.png")
    result = import_annotations(exams, [table], tmp_path / "out")
    assert [finding.finding for finding in result.findings] == ["F2"]
    [problem] = result.problems
    assert what in problem.problem
    assert problem.place == "lesions.csv, line 2"
    assert problem.level == "error"


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("0,,,20,30,-4,", "radius is -4"),
        ("0,,,20,30,nan,", "radius is 'nan'"),
        ("0,,,200,30,4,", "circle at x 196 to 204, y 26 to 34 holds no pixel of the image's 60"),
        ("1,,,20,30,4,", "shown twice: occult, a shape"),
        ("0,,,,,,", "neither a mask nor a shape"),
    ],
)
def test_an_impossible_shape_is_said(
    exams: ExamTable, tmp_path: Path, cells: str, what: str
) -> None:
    table = listed(tmp_path, f"E1,L-CC,F1,benign,,{cells}", header=SHAPES)
    result = import_annotations(exams, [table], tmp_path / "out")
    assert result.findings == ()
    [problem] = result.problems
    assert what in problem.problem


def test_a_shape_partly_outside_is_cut_off_and_warned_of(exams: ExamTable, tmp_path: Path) -> None:
    table = listed(tmp_path, "E1,L-CC,F1,benign,,0,,,0,30,4,", header=SHAPES)
    result = import_annotations(exams, [table], tmp_path / "out")
    [problem] = result.problems
    assert (problem.level, "partly outside" in problem.problem) == ("warning", True)
    assert read_mask(result.masks[0])[30, 4] == 2


def test_overlapping_findings_of_two_classes_are_warned_of(
    exams: ExamTable, tmp_path: Path
) -> None:
    rows = ["E1,L-CC,F1,benign,,0,,,20,30,8,", "E1,L-CC,F2,malignant,,0,,,22,30,4,"]
    table = listed(tmp_path, *rows, header=SHAPES)
    result = import_annotations(exams, [table], tmp_path / "out")
    [problem] = result.problems
    assert "different classes overlap in 49 pixels of L-CC" in problem.problem
    assert "malignant, else high-risk" in problem.hint
    assert (read_mask(result.masks[0]) == 1).sum() == 49


def test_labels_that_disagree_are_warned_of_once_a_breast(exams: ExamTable, tmp_path: Path) -> None:
    drawn(tmp_path / "source" / "m.png", (3, RED), (20, GREEN))
    table = listed(
        tmp_path,
        "E1,L-CC,F1,malignant,,m.png",
        "E1,L-CC,F2,benign,,m.png",
        "E1,L-MLO,F1,malignant,,m.png",
        "E1,L-MLO,F2,benign,,m.png",
        "E2,L-CC,F1,malignant,,m.png",
        "E2,L-CC,F2,benign,,m.png",
    )
    result = import_annotations(exams, [table], tmp_path / "out", labels=labels(E1=["left_benign"]))
    assert [(p.place, p.problem, p.level) for p in result.problems] == [
        (
            "exam E1",
            "a malignant finding in the left breast, which is not labelled malignant",
            "warning",
        ),
        ("exam E2", "has findings, and no labels", "warning"),
    ]
    assert len(result.findings) == 6


def test_a_labelled_breast_without_a_finding_is_occult_in_each_of_its_images(
    exams: ExamTable, tmp_path: Path
) -> None:
    table = listed(tmp_path, "E1,L-CC,F1,benign,,0,,,20,30,4,", header=SHAPES)
    told = labels(E1=["left_benign", "right_benign", "right_malignant"], E2=[])
    result = import_annotations(exams, [table], tmp_path / "out", labels=told)
    assert said(result) == []
    assert [(f.image, f.finding, f.occult, f.mask, f.path) for f in result.findings][1:] == [
        ("R-CC", "right_malignant", True, "", ""),
        ("R-CC", "right_benign", True, "", ""),
        ("R-MLO", "right_malignant", True, "", "E1/d.png"),
        ("R-MLO", "right_benign", True, "", "E1/d.png"),
        ("R-MLO-2", "right_malignant", True, "", "E1/e.png"),
        ("R-MLO-2", "right_benign", True, "", "E1/e.png"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "E1,R-CC,F1,benign,,0,,,20,30,-4,",  # a cell
        "E1,R-CC,F1,benign,,0,,,200,300,4,",  # against the image
        "E1,R-CC,F1,benign,,0,,,20,30,4,none.png",  # which image
        "E1,,F1,benign,,0,,,20,30,4,",  # which view
    ],
)
def test_a_breast_whose_annotation_was_refused_is_not_called_occult(
    exams: ExamTable, tmp_path: Path, row: str
) -> None:
    result = import_annotations(
        exams,
        [listed(tmp_path, row, header=SHAPES)],
        tmp_path / "out",
        labels=labels(E1=["right_benign"]),
    )
    assert result.findings == ()
    assert len(result.problems) == 1


UNMATCHED = "of exams that are not in the exam table: each may be of any exam"


@pytest.mark.parametrize("given", ["site", "site/E2", "site/E2/masks"])
def test_a_folder_above_a_masks_own_names_no_exam(tmp_path: Path, given: str) -> None:
    path = tmp_path / "exams.csv"
    path.write_text(
        "exam,view,path,status,rows,columns\n"
        + "".join(f"E{n},L-CC,images/E{n}/L-CC.png,ok,60,40\n" for n in (1, 2, 3))
    )
    drawn(tmp_path / "site" / "E2" / "masks" / "E1" / "L-CC.png", (3, RED))
    drawn(tmp_path / "site" / "E2" / "masks" / "E3x" / "L-CC.png", (20, RED))
    result = import_annotations(
        read_exam_table(path),
        [tmp_path / given],
        tmp_path / "out",
        labels=labels(E1=["left_malignant"], E3=["left_malignant"]),
    )
    assert [(f.exam, f.image, f.occult) for f in result.findings] == [("E1", "L-CC", False)]
    refused, warned = result.problems
    assert refused.place.endswith("E3x/L-CC.png")
    assert refused.problem == "the mask's name may mean 3 images of the exam table"
    assert UNMATCHED in warned.problem
    assert "for 1 labelled breast(s)" in warned.problem


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("E9/L-MLO.png", "the mask's name tells a view, and nothing tells the exam"),
        ("E2/c_mask.png", "the mask's folder is named after an exam, its name tells another's"),
        ("E2/E1_L-CC.png", "the mask's folder is named after an exam, its name tells another's"),
    ],
)
def test_a_mask_in_another_exams_folder_is_refused_though_one_image_only_is_so_called(
    exams: ExamTable, tmp_path: Path, name: str, what: str
) -> None:
    drawn(tmp_path / "drawn" / name, (3, RED))
    result = import_annotations(exams, [tmp_path / "drawn"], tmp_path / "out")
    assert result.findings == ()
    [problem] = result.problems
    assert problem.problem.startswith(what)


@pytest.mark.parametrize(
    ("name", "occult"),
    [
        ("E1/odd.png", ["E2"]),  # of the exam, of no known view
        ("E1_L-XX.png", []),  # of no known exam or view
        ("e1_L-CC.png", []),  # of any left breast
        ("e1_R-CC.png", ["E1", "E1", "E2"]),  # of any right breast
        ("E2_R-CC.png", ["E1", "E1", "E2"]),  # of an image that is set aside
    ],
)
def test_no_breast_is_called_occult_that_a_refused_mask_may_be_of(
    exams: ExamTable, tmp_path: Path, name: str, occult: list[str]
) -> None:
    drawn(tmp_path / "drawn" / name, (3, RED))
    told = labels(E1=["left_benign"], E2=["left_benign"])
    result = import_annotations(exams, [tmp_path / "drawn"], tmp_path / "out", labels=told)
    assert [finding.exam for finding in result.findings] == occult
    refused = [problem for problem in result.problems if problem.level == "error"]
    assert len(refused) == 1
    warned = [problem for problem in result.problems if problem.level == "warning"]
    assert len(warned) == (occult == [])
    assert all(UNMATCHED in problem.problem for problem in warned)


def test_an_exam_that_no_name_matches_leaves_no_breast_of_its_side_occult(
    exams: ExamTable, tmp_path: Path
) -> None:
    rows = ["e2,L-CC,F1,benign,,0,,,20,30,4,", "E1,R-CC,F1,benign,,0,,,20,30,4,"]
    told = labels(E1=["left_benign", "right_benign"], E2=["left_benign"])
    table = listed(tmp_path, *rows, header=SHAPES)
    result = import_annotations(exams, [table], tmp_path / "out", labels=told)
    assert [(f.exam, f.image, f.occult) for f in result.findings] == [("E1", "R-CC", False)]
    refused, warned = result.problems
    assert refused.problem == "no exam 'e2' is used in the exam table"
    assert (warned.place, warned.level) == ("annotations", "warning")
    assert warned.problem.startswith(f"1 refused, {UNMATCHED}, so no occult rows")
    assert "for 2 labelled breast(s) without a finding" in warned.problem
    assert "name exams as exams.csv does" in warned.hint


UID = "1.2.840.99.1"


@pytest.mark.parametrize("kind", ["table", "refused row", "folder", "file"])
def test_with_the_key_annotations_may_name_exams_by_study_uid(tmp_path: Path, kind: str) -> None:
    pseudonyms = Pseudonyms(bytes(range(16)))
    name, other = pseudonyms.exam(UID), pseudonyms.exam("1.2.840.99.2")
    path = tmp_path / "exams.csv"
    path.write_text(
        "exam,view,path,status,rows,columns\n"
        f"{name},L-CC,a/0.png,ok,60,40\n{other},L-CC,b/0.png,ok,60,40\n"
    )
    radius = -4 if kind == "refused row" else 4
    source = listed(tmp_path, f"{UID},L-CC,F1,benign,,0,,,20,30,{radius},", header=SHAPES)
    if kind in ("folder", "file"):
        source = tmp_path / "drawn"
        drawn(
            source / (f"{UID}/L-CC.png" if kind == "folder" else f"{UID}_L-CC_mask.png"), (3, RED)
        )
    table, out = read_exam_table(path), tmp_path / "out"
    told = {
        exam: ExamLabels(exam=exam, values={label: "left" in label.value for label in Label})
        for exam in (name, other)
    }
    result = import_annotations(table, [source], out, labels=told, pseudonyms=pseudonyms)
    occult = [(finding.exam, finding.occult) for finding in result.findings]
    assert occult == [*([(name, False)] if radius > 0 else []), (other, True), (other, True)]
    assert UID not in "".join(said(result))
    without = import_annotations(table, [source], tmp_path / "without", labels=told)
    assert without.findings == ()
    assert "give the key" in without.problems[-1].hint


def test_a_mask_that_belongs_to_no_image_or_to_two_is_said(
    exams: ExamTable, tmp_path: Path
) -> None:
    drawn(tmp_path / "drawn" / "a.png", (3, RED))
    drawn(tmp_path / "drawn" / "nobody.png", (3, RED))
    (tmp_path / "drawn" / "notes.txt").write_text("no mask")
    result = import_annotations(exams, [tmp_path / "drawn"], tmp_path / "out")
    assert [(p.place, p.problem) for p in result.problems] == [
        ("a.png", "the mask's name may mean 2 images of the exam table"),
        ("nobody.png", "the mask's name tells none of the exam table's images"),
    ]


def test_black_and_white_masks_in_a_folder_need_a_class(exams: ExamTable, tmp_path: Path) -> None:
    Image.fromarray((box(3) * 255).astype(np.uint8)).save(tmp_path / "E1_L-CC_mask.png")
    result = import_annotations(exams, [tmp_path / "E1_L-CC_mask.png"], tmp_path / "out")
    [problem] = result.problems
    assert "tells no class" in problem.problem
    assert "exam,view,class,mask" in problem.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("exam;view;class;mask\nE1;L-CC;benign;m.png\n", "separated by ';'"),
        ("image,class\na.png,benign\n", "no column 'exam', 'view'"),
        ("", "empty"),
    ],
)
def test_a_table_that_is_none_is_refused(
    exams: ExamTable, tmp_path: Path, text: str, what: str
) -> None:
    path = tmp_path / "lesions.csv"
    path.write_text(text)
    with pytest.raises(TableError, match=what):
        import_annotations(exams, [path], tmp_path / "out")


def test_a_source_that_is_not_there_is_said(exams: ExamTable, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file or folder"):
        import_annotations(exams, [tmp_path / "nowhere"], tmp_path / "out")


def test_an_image_of_untold_size_that_is_not_there_is_said(
    exams: ExamTable, tmp_path: Path
) -> None:
    (tmp_path / "E2" / "a.png").unlink()
    table = listed(tmp_path, "E2,L-CC,F1,benign,,0,,,20,30,4,", header=SHAPES)
    [problem] = import_annotations(exams, [table], tmp_path / "out").problems
    assert "E2/a.png' (exams.csv, line 7) is not there" in problem.problem


def test_an_output_that_cannot_be_written_is_said(exams: ExamTable, tmp_path: Path) -> None:
    table = listed(tmp_path, "E1,L-CC,F1,benign,,0,,,20,30,4,", header=SHAPES)
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError):
        import_annotations(exams, [table], tmp_path / "out")


def test_findings_stand_in_the_order_of_the_exam_table(exams: ExamTable, tmp_path: Path) -> None:
    rows = ["E2,L-CC,F1,benign,,0,,,20,30,4,", "E1,L-MLO,F1,benign,,0,,,20,30,4,"]
    result = import_annotations(
        exams,
        [listed(tmp_path, *rows, header=SHAPES)],
        tmp_path / "out",
        labels=labels(E1=["left_benign", "right_benign"], E2=["left_benign"]),
    )
    found = [(finding.exam, finding.image) for finding in result.findings]
    assert found == [
        ("E1", "R-CC"),
        ("E1", "L-MLO"),
        ("E1", "R-MLO"),
        ("E1", "R-MLO-2"),
        ("E2", "L-CC"),
    ]
