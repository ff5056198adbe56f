"""findings.csv, read and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourview.core.errors import TableError
from fourview.core.records import FindingRecord, Pathology
from fourview.core.views import View
from fourview.io.finding_table import read_finding_table, write_finding_table

HEADER = "exam,view,finding,class,type,occult,mask\n"


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "findings.csv"
    path.write_text(text)
    return path


def test_a_row_becomes_a_finding(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + "E1,L-CC,F1,high_risk_benign,mass,0,masks/E1/L-CC.png\n")
    read = read_finding_table(path)
    assert read.problems == ()
    assert read.findings == (
        FindingRecord(
            exam="E1",
            view=View.L_CC,
            finding="F1",
            pathology=Pathology.HIGH_RISK,
            type="mass",
            mask="masks/E1/L-CC.png",
            image="L-CC",
            place="findings.csv, line 2",
        ),
    )
    assert read.mask_path(read.findings[0]) == tmp_path / "masks/E1/L-CC.png"


def test_the_cell_of_a_repeat_is_kept_and_its_view_read(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + "E1,L-MLO-2,F1,benign,,1,\n")
    [finding] = read_finding_table(path).findings
    assert (finding.view, finding.image, finding.occult) == (View.L_MLO, "L-MLO-2", True)
    assert read_finding_table(path).mask_path(finding) is None


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "E1,L-CC,F1,malignant,mass,0,m.png\nE1,L-MLO-2,F1,benign,,1,\n",
        HEADER.strip() + ",path\nE1,L-CC,F1,malignant,mass,0,m.png,a/2.dcm\n",
        HEADER,
    ],
)
def test_what_is_read_is_written_the_same(tmp_path: Path, text: str) -> None:
    path = table(tmp_path, text)
    write_finding_table(tmp_path / "again.csv", read_finding_table(path).findings)
    assert (tmp_path / "again.csv").read_text() == text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("E1,L-CC,F1,suspicious,mass,0,m.png", "class is 'suspicious'; expected malignant, benign"),
        ("E1,L-CC,F1,,mass,0,m.png", "class is empty"),
        ("E1,L-XCCL,F1,benign,mass,0,m.png", "the view is 'L-XCCL'"),
        ("E1,,F1,benign,mass,0,m.png", "the view is empty"),
        ("E1,L-CC,F1,benign,mass,1,m.png", "occult, and has a mask"),
        ("E1,L-CC,F1,benign,mass,yes,m.png", "occult is 'yes'"),
        ("../E1,L-CC,F1,benign,mass,0,m.png", "path separator"),
        ("E1,L-CC,F1,benign,mass,0", "has 6 cells"),
    ],
)
def test_a_row_with_an_impossible_cell_is_a_problem(tmp_path: Path, row: str, said: str) -> None:
    read = read_finding_table(table(tmp_path, HEADER + row + "\nE2,L-CC,F1,benign,,1,\n"))
    assert [finding.exam for finding in read.findings] == ["E2"]
    [problem] = read.problems
    assert said in problem.problem
    assert problem.place == "findings.csv, line 2"


@pytest.mark.parametrize(
    ("word", "pathology"),
    [
        ("Malignant", Pathology.MALIGNANT),
        ("M", Pathology.MALIGNANT),
        ("BENIGN_WITHOUT_CALLBACK", Pathology.BENIGN),
        ("b", Pathology.BENIGN),
        ("High-risk benign", Pathology.HIGH_RISK),
        ("high risk", Pathology.HIGH_RISK),
    ],
)
def test_synonyms_of_a_class_are_known(tmp_path: Path, word: str, pathology: Pathology) -> None:
    [finding] = read_finding_table(table(tmp_path, HEADER + f"E1,L-CC,F1,{word},,1,\n")).findings
    assert finding.pathology is pathology


def test_a_semicolon_table_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="separated by ';'"):
        read_finding_table(table(tmp_path, HEADER.replace(",", ";") + "E1;L-CC;F1;benign;;1;\n"))


def test_a_finding_of_which_the_place_is_not_known_stays_with_a_warning(tmp_path: Path) -> None:
    """As one of mini-MIAS's: widespread calcifications without coordinates."""
    path = tmp_path / "findings.csv"
    path.write_text("exam,view,finding,class,type,occult,mask\nE1,L-MLO,F1,benign,,0,\n")
    table = read_finding_table(path)
    assert len(table.findings) == 1
    assert [problem.level for problem in table.problems] == ["warning"]
    assert "where it is, is not known" in str(table.problems[0])
