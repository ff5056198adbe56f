"""The breasts that are judged, from tables that may be wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import RecipeError, TableError
from fourview.core.views import Finding, Label
from fourview.evaluation.populations import MALIGNANT
from fourview.performance.options import EvaluationOptions, EvaluationTables
from fourview.performance.population.finding_types import type_column, type_groups
from fourview.performance.population.truth import read_truth

LABELS = ",".join(["exam", *(label.value for label in Label), "biopsied"])


def tables(
    folder: Path, *, exams: str = "", findings: str = "", splits: str = ""
) -> EvaluationTables:
    (folder / "labels.csv").write_text(f"{LABELS}\na,0,0,1,0,1\nb,0,1,0,1,1\nc,0,0,0,0,1\n")
    given = {"exams": exams, "findings": findings, "splits": splits}
    for name, text in given.items():
        (folder / f"{name}.csv").write_text(text)
    paths = {name: folder / f"{name}.csv" for name, text in given.items() if text}
    return EvaluationTables(labels=folder / "labels.csv", split="test" if splits else "", **paths)


EXAMS = """exam,patient,view,path,age,density,thickness
a,p,L-CC,1.png,50,b,30
a,p,R-CC,2.png,50,b,40
b,p,L-CC,3.png,61,c,35
b,p,L-MLO,4.png,61,c,36
c,q,,5.png,,,20
"""


def test_each_exam_has_two_breasts_with_their_own_labels(tmp_path: Path) -> None:
    breasts = read_truth(tables(tmp_path, exams=EXAMS)).breasts
    assert breasts.names == ("a L", "a R", "b L", "b R", "c L", "c R")
    assert breasts.malignant.tolist() == [1, 0, 0, 1, 0, 0]
    assert breasts.benign.tolist() == [0, 0, 0, 1, 0, 0]
    assert breasts.patients == ("p",) * 4 + ("q",) * 2
    assert breasts.biopsied.all()


def test_columns_are_of_a_breasts_own_images_and_of_the_exam_where_there_are_none(
    tmp_path: Path,
) -> None:
    """b's left views disagree in thickness, and it has no right one."""
    truth = read_truth(tables(tmp_path, exams=EXAMS))
    columns = truth.breasts.columns
    assert columns["age"] == ("50", "50", "61", "61", "", "")
    assert columns["thickness"] == ("30", "40", "", "", "20", "20")
    assert truth.warnings == (
        "column thickness: images of a breast disagree in 1 exam (b), which count as not told",
    )


def test_an_exam_of_two_patients_is_left_out_and_said(tmp_path: Path) -> None:
    truth = read_truth(tables(tmp_path, exams=EXAMS.replace("b,p,L-MLO", "b,other,L-MLO")))
    assert set(truth.breasts.exams) == {"a", "c"}
    assert truth.left_out == ("1 exam (b) with two patients or dates in exams.csv",)
    assert truth.elsewhere == {"b"}


def test_exams_without_rows_are_judged_and_their_patients_not_known(tmp_path: Path) -> None:
    truth = read_truth(tables(tmp_path, exams="\n".join(EXAMS.splitlines()[:3])))
    assert set(truth.breasts.exams) == {"a", "b", "c"}
    assert "2 exams (b, c) with labels not in exams.csv" in truth.warnings
    assert "the patient of 2 exams (b, c) is not known" in truth.warnings[-1]


def test_only_the_exams_of_the_split_count(tmp_path: Path) -> None:
    splits = "exam,patient,split\na,p,test\nb,p,training\nd,r,test\n"
    truth = read_truth(tables(tmp_path, splits=splits))
    assert set(truth.breasts.exams) == {"a"}
    assert truth.breasts.patients == ("p", "p")  # the split table tells it, too
    assert truth.left_out == (
        "1 exam (c) with labels in no split",
        "1 exam (d) of the split test without labels",
    )
    assert truth.elsewhere == {"b", "c"}


def test_no_exam_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no exam is left"):
        read_truth(tables(tmp_path, splits="exam,patient,split\na,p,training\n"))


FINDINGS = """exam,view,finding,class,type,occult,mask
a,L-CC,1,malignant,mass,0,m.png
a,L-MLO,1,malignant,mass,1,
b,R-CC,1,malignant,calcification,1,
b,R-MLO,1,malignant,calcification,1,
b,R-CC,2,high-risk benign,,0,m.png
c,L-CC,1,malignant,mass,0,m.png
"""


def test_types_are_of_findings_by_class_and_occult_where_no_image_shows_them(
    tmp_path: Path,
) -> None:
    truth = read_truth(tables(tmp_path, exams=EXAMS, findings=FINDINGS))
    columns = truth.breasts.columns
    assert columns[type_column(Finding.MALIGNANT)] == ("mass", "", "", "occult", "mass", "")
    assert columns[type_column(Finding.BENIGN)] == ("", "", "", "not told", "", "")
    assert truth.warnings[-1] == (
        "1 breast with a malignant finding among the findings, and none by the labels: the labels "
        "count"
    )


def test_a_type_is_held_against_all_breasts_without_the_finding(tmp_path: Path) -> None:
    breasts = read_truth(tables(tmp_path, exams=EXAMS, findings=FINDINGS)).breasts
    groups = type_groups(breasts, Finding.MALIGNANT, MALIGNANT.cases(breasts))
    assert {one.name: np.flatnonzero(one.which).tolist() for one in groups} == {
        "mass": [0, 1, 2, 4, 5],
        "occult": [1, 2, 3, 4, 5],
    }


def test_tables_of_other_exams_and_labels_that_contradict_are_told(tmp_path: Path) -> None:
    given = tables(tmp_path, findings=FINDINGS.replace("a,L", "x,L").replace("b,R", "y,R")
                   .replace("c,L", "z,L"))  # fmt: skip
    (tmp_path / "labels.csv").write_text(f"{LABELS}\na,0,0,1,0,0\nb,0,0,0,0,0\n")
    (tmp_path / "readers.csv").write_text("case_ID,side,label,ReaderA\nx,L,0,0.5\n")
    said = read_truth(replace(given, readers=tmp_path / "readers.csv")).warnings
    assert said[1:] == (
        "1 breast with a biopsy-proven finding in exams that labels.csv calls not biopsied: the "
        "biopsied population is without them",
        "none of the 6 findings is of an exam that has labels",
        "none of the 1 exams that readers read is among those with labels here",
    )


@pytest.mark.parametrize("wrong", [{"level": 0.2}, {"prevalence": 0.0}, {"draws": 1}, {"folds": 1}])
def test_options_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match=r"expected|least"):
        EvaluationOptions(**wrong)  # type: ignore[arg-type]


def test_a_split_needs_its_table_and_a_table_its_split(tmp_path: Path) -> None:
    for given in ({"split": "test"}, {"splits": tmp_path}, {"splits": tmp_path, "split": "best"}):
        with pytest.raises(RecipeError, match=r"without|it may be"):
            EvaluationTables(labels=tmp_path, **given)  # type: ignore[arg-type]
