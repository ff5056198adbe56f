"""`fourview label`: labels come again from pathology, and no doubt becomes a 0."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.data_recipe import DataRecipe
from fourview.core.views import Label
from fourview.dataset.labelling.label import LabelOptions, label_data_set
from fourview.io.label_table import read_label_table
from fourview.io.tables import write_table
from fourview.phantom.population import plan_population
from fourview.phantom.records import (
    BIOPSY_COLUMNS,
    EXAM_COLUMNS,
    LABEL_COLUMNS,
    biopsy_rows,
    exam_rows,
    label_rows,
)
from support.command import Ran, fourview

HEADER = "exam,patient,study_date,view,path"
DAY = date(2019, 3, 1)


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of 800 synthetic exams, of which no image is drawn."""
    folder = tmp_path_factory.mktemp("population")
    planned = plan_population(800, seed=4, enrich=0.4)
    exams = exam_rows(
        planned.exams,
        path=lambda exam, image: f"{exam.name}/{image.name}.png",
        shape=lambda *_: (100, 80),
    )
    truth = label_rows(planned)
    write_table(folder / "exams.csv", EXAM_COLUMNS, exams)
    write_table(folder / "biopsies.csv", BIOPSY_COLUMNS, biopsy_rows(planned.biopsies))
    write_table(folder / "truth.csv", LABEL_COLUMNS, truth)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four exams of three patients, and a biopsy of each patient."""
    days = (
        ("e1", "SECRET1", 0),
        ("e2", "SECRET1", 400),
        ("e3", "SECRET2", 0),
        ("e4", "SECRET3", 0),
    )
    lines = [HEADER]
    for name, patient, after in days:
        lines += [
            f"{name},{patient},{DAY + timedelta(after)},{v},{v}.png" for v in ("L-CC", "R-CC")
        ]
    write(tmp_path / "exams.csv", lines)
    biopsies(
        tmp_path,
        *(f"SECRET1,{day(10)},L,malignant", f"SECRET2,{day(120)},both,benign"),
        f"SECRET3,{day(121)},R,malignant",
    )
    return tmp_path


def day(after: int) -> str:
    return (DAY + timedelta(days=after)).isoformat()


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def biopsies(folder: Path, *rows: str) -> None:
    write(folder / "biopsies.csv", ["patient,date,laterality,result", *rows])


def label(data: Path, *options: str | Path) -> Ran:
    tables = (data / "exams.csv", "--biopsies", data / "biopsies.csv")
    ran = fourview("label", *tables, "-o", data / "out", *options)
    assert "SECRET" not in ran.out + ran.err
    assert "Traceback" not in ran.err
    for path in (data / "out").glob("*.*"):
        assert b"SECRET" not in path.read_bytes()
    return ran


def labels(data: Path) -> dict[str, str]:
    """Each exam's four labels in their order, as 0110."""
    found = read_label_table(data / "out" / "labels.csv")
    return {
        name: "".join(str(int(one.values[label])) for label in Label) for name, one in found.items()
    }


def problems(data: Path) -> list[dict[str, str]]:
    with (data / "out" / "problems.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def flow(data: Path) -> dict[tuple[str, str], int]:
    with (data / "out" / "flow.csv").open(newline="", encoding="utf-8") as file:
        return {(row["step"], row["group"]): int(row["exams"]) for row in csv.DictReader(file)}


def test_labels_of_a_population_come_again_from_its_pathology(
    population: Path, tmp_path: Path
) -> None:
    result = label_data_set(
        population / "exams.csv",
        population / "biopsies.csv",
        tmp_path,
        DataRecipe(),
        LabelOptions(assessments=population / "truth.csv"),
    )
    assert result.exit_code == 0
    assert (tmp_path / "labels.csv").read_bytes() == (population / "truth.csv").read_bytes()
    truth = read_label_table(population / "truth.csv").values()
    both = sum(
        one.values[Label(f"{side}_benign")] and one.values[Label(f"{side}_malignant")]
        for one in truth
        for side in ("left", "right")
    )
    assert both > 0  # the test would pass a rule that knows no breast with both otherwise
    assert result.flow.of("matched with a biopsy", "malignant and benign").breasts == both


def test_another_window_is_not_the_populations(population: Path, tmp_path: Path) -> None:
    """The test above can fail: it holds biopsies at the window's ends."""
    tables = (population / "exams.csv", "--biopsies", population / "biopsies.csv")
    for setting in ("labels.last_day=119", "labels.last_day=121", "labels.first_day=1"):
        ran = fourview("label", *tables, "-o", tmp_path, "--set", setting)
        assert ran.code == 0
        written = read_label_table(tmp_path / "labels.csv")
        truth = read_label_table(population / "truth.csv")
        assert any(written[exam].values != truth[exam].values for exam in truth), setting


def test_labels_flow_and_record_are_written_and_told(data: Path) -> None:
    ran = label(data)
    assert ran.code == 0
    assert labels(data) == {"e1": "0010", "e2": "0000", "e3": "1100", "e4": "0000"}
    assert "matched with a biopsy" in ran.out
    assert "biopsies.csv, line 4: matched with no exam: it is 121 days after" in ran.err
    record = json.loads((data / "out" / "label.json").read_text(encoding="utf-8"))
    assert record["recipe"] == {"first_day": 0, "last_day": 120, "high_risk": "benign"}
    assert record["biopsies"] == {"rows": 3, "unclear": 0, "that label an exam": 2}
    assert "Exams (n = 4)" in (data / "out" / "flow.svg").read_text(encoding="utf-8")
    as_json = label(data, "--json")
    assert json.loads(as_json.out) == record


def test_the_same_tables_give_the_same_bytes(data: Path) -> None:
    label(data)
    first = {path.name: path.read_bytes() for path in (data / "out").iterdir()}
    label(data)
    assert {path.name: path.read_bytes() for path in (data / "out").iterdir()} == first


@pytest.mark.parametrize(
    ("row", "gone", "said"),
    [
        (f"SECRET1,{day(5)},,benign", {"e1"}, "the side is empty"),
        (f"SECRET1,{day(5)},L,lump", {"e1"}, "the result 'lump' is unknown"),
        ("SECRET1,,L,benign", {"e1", "e2"}, "the date is empty"),
        ("SECRET1,05/03/2019,L,benign", {"e1", "e2"}, "write dates year first"),
        (f"SECRET1,{day(5)},L,carcinoma, invasive", {"e1", "e2"}, "has 5 cells"),
        (f"secret1,{day(5)},L,malignant", {"e1"}, "other zeros, spaces or case"),
    ],
)
def test_an_exam_that_an_unclear_biopsy_concerns_has_no_labels(
    data: Path, row: str, gone: set[str], said: str
) -> None:
    biopsies(data, f"SECRET2,{day(0)},L,benign", row)
    ran = label(data)
    assert ran.code == 3
    assert labels(data).keys() == {"e1", "e2", "e3", "e4"} - gone
    assert said in ran.err
    told = {one["place"] for one in problems(data) if one["level"] == "error"}
    assert {f"exam {name}" for name in gone} | {"biopsies.csv, line 3"} <= told
    assert flow(data)["excluded", ""] == len(gone)
    kept = label(data, "--keep-unclear")
    assert (kept.code, len(labels(data))) == (0, 4)


def test_a_word_that_is_explained_is_no_doubt(data: Path) -> None:
    biopsies(data, f"SECRET1,{day(5)},L,B5")
    assert label(data).code == 3
    assert label(data, "--result", "b5=malignant").code == 0
    assert labels(data)["e1"] == "0010"


def test_numbers_are_results_where_the_data_set_is_named(data: Path) -> None:
    biopsies(data, f"SECRET1,{day(5)},L,0", f"SECRET2,{day(5)},R,4")
    assert label(data).code == 3
    assert label(data, "--result-codes", "embed").code == 0
    assert (labels(data)["e1"], labels(data)["e3"]) == ("0010", "0100")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the table is empty"),
        (b"patient,date,laterality,result\n", "no rows; every exam would be labelled 0"),
        (b"patient,date,laterality,result\nq,2019-03-02,L,benign\n", "none of its 1 biopsies"),
        (b"patient;date;laterality;result\nq;2019-03-02;L;benign\n", "separated by ';'"),
        ("patient,date,laterality,result\nq,x,L,benign\n".encode("utf-16"), "UTF-16"),
        ("patient,date,laterality,result\nZoë,x,L,benign\n".encode("latin-1"), "not UTF-8"),
        (b"patient,day,laterality,result\nq,x,L,benign\n", "no column 'date'"),
        (None, "biopsies.csv: cannot be read: no such file"),
    ],
)
def test_a_table_that_would_label_all_wrongly_is_refused(
    data: Path, content: bytes | None, said: str
) -> None:
    (data / "biopsies.csv").unlink()
    if content is not None:
        (data / "biopsies.csv").write_bytes(content)
    ran = label(data)
    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert said in ran.err
    assert not (data / "out").exists()


def test_a_data_set_without_biopsies_is_labelled_where_it_is_meant(data: Path) -> None:
    biopsies(data)
    assert label(data, "--keep-unclear").code == 0
    assert set(labels(data).values()) == {"0000"}


def test_exams_without_patient_or_date_of_two_patients_or_of_no_image_are_counted(
    data: Path,
) -> None:
    path = data / "exams.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    head, rows = f"{lines[0]},status", [f"{line}," for line in lines[1:]]
    rows += ["e5,,2019-03-01,L-CC,a.png,", "e6,SECRET9,,L-CC,a.png,"]
    rows += ["e7,SECRET1,2019-03-01,L-CC,a.png,", "e7,SECRET2,2019-03-01,R-CC,a.png,"]
    rows += ["e8,SECRET8,2019-03-01,,a.png,set aside", "e9,SECRET8,01.03.2019,L-CC,a.png,"]
    write(path, [head, *rows])
    ran = label(data)
    assert ran.code == 3
    assert list(labels(data)) == ["e1", "e2", "e3", "e4"]
    counted = flow(data)
    assert counted["exams", ""] == 9
    assert {group: n for (step, group), n in counted.items() if step == "excluded" and group} == {
        "no image is used": 1,
        "its rows are refused": 1,
        "its rows name two patients or dates": 1,
        "no patient is told": 1,
        "no study date is told": 1,
    }
    assert "exam e7 is of another patient" in ran.err


def test_an_exam_or_a_biopsy_of_a_day_to_come_leaves_no_0(data: Path) -> None:
    path = data / "exams.csv"
    path.write_text(path.read_text().replace(f"e4,SECRET3,{day(0)}", "e4,SECRET3,3019-03-01"))
    biopsies(data, "SECRET1,3019-03-11,L,malignant", f"SECRET2,{day(3)},L,benign")
    ran = label(data)
    assert ran.code == 3
    assert "exam e4: not labelled: its study date is to come" in ran.err
    assert "biopsies.csv, line 2: the date is to come" in ran.err
    assert labels(data) == {"e3": "1000"}


def test_a_biopsy_of_an_exam_that_was_left_out_is_not_said_to_be_of_no_exam(data: Path) -> None:
    path = data / "exams.csv"
    path.write_text(path.read_text().replace(f"{day(0)},R-CC", f"{day(1)},R-CC"))
    biopsies(data, f"SECRET1,{day(402)},L,malignant", f"SECRET2,{day(3)},L,benign")
    assert label(data).code == 3
    [said] = [one["problem"] for one in problems(data) if one["place"] == "biopsies.csv, line 3"]
    assert said.endswith("or none that can be labelled")


def test_an_exam_table_without_patients_is_refused(data: Path) -> None:
    write(data / "exams.csv", ["exam,view,path", "e1,L-CC,a.png"])
    ran = label(data)
    assert ran.code == 1
    assert "no exam has both a patient and a study_date" in ran.err


def test_assessments_become_classes_and_category_6_leaves(data: Path) -> None:
    rows = ["exam,birads,laterality", "e1,1,L", "e1,4a,R", "e2,3,", "e3,6,", "e4,9,"]
    table = write(data / "birads.csv", rows)
    ran = label(data, "--assessments", table)
    found = read_label_table(data / "out" / "labels.csv")
    assert {name: one.birads for name, one in found.items()} == {"e1": 0, "e2": 2, "e4": None}
    assert flow(data)["excluded", "BI-RADS 6: cancer known before the exam"] == 1
    assert "birads.csv, line 6: birads is '9'; its exam gets no class" in ran.err
    write(table, rows[:-1])
    assert label(data, "--assessments", table).code == 0  # category 6 is no fault of a table


def test_many_problems_are_counted_and_the_first_told(data: Path) -> None:
    biopsies(data, f"SECRET1,{day(1)},L,benign", *[f"SECRET2,{day(i)},L,?" for i in range(30)])
    told = label(data).err.splitlines()
    assert sum(line.startswith(("error: ", "warning: ")) for line in told) == 20
    assert f"… and {len(problems(data)) - 20} more in {data / 'out' / 'problems.csv'}" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--result", "b5"), "no word and class"),
        (("--result-codes", "x"), "may be embed"),
        (("--set", "labels.last=3"), "did you mean 'last_day'"),
        (("--set", "labels.last_day=-1"), "after labels.last_day"),
        (("--key", "none.txt"), "no such key file"),
    ],
)
def test_a_wrong_call_is_told(data: Path, options: tuple[str, ...], said: str) -> None:
    ran = label(data, *options)
    assert ran.code == 2
    assert said in ran.err


def test_with_the_key_real_tables_join_pseudonymous_exams(data: Path) -> None:
    label(data)
    plain = labels(data)
    key = bytes(range(32))
    pseudonyms = Pseudonyms(key)
    keyfile = write(data / "key.txt", [key.hex()])
    lines = [HEADER]
    for line in (data / "exams.csv").read_text(encoding="utf-8").splitlines()[1:]:
        name, patient, taken, *rest = line.split(",")
        shifted = date.fromisoformat(taken) + pseudonyms.shift(patient)
        lines.append(",".join([name, pseudonyms.patient(patient), shifted.isoformat(), *rest]))
    write(data / "exams.csv", lines)
    without = label(data)
    assert (without.code, "--key KEYFILE" in without.err) == (1, True)
    assessments = write(data / "birads.csv", ["patient,date,birads", f"SECRET1,{day(0)},2"])
    assert label(data, "--key", keyfile, "--assessments", assessments).code == 0
    assert labels(data) == plain
    assert read_label_table(data / "out" / "labels.csv")["e1"].birads == 2
    biopsies(data, f"secret1,{day(10)},L,malignant", f"SECRET2,{day(3)},L,benign")
    assert label(data, "--key", keyfile).code == 3  # another way of writing is no other patient
    assert labels(data).keys() == {"e2", "e3", "e4"}


def test_annotations_are_brought_in_with_the_labels(data: Path) -> None:
    for view in ("L-CC", "R-CC"):
        assert cv2.imwrite(str(data / f"{view}.png"), np.full((40, 30), 900, np.uint16))
    (data / "marks").mkdir()
    mask = np.zeros((40, 30), np.uint8)
    mask[5:15, 5:15] = 1
    assert cv2.imwrite(str(data / "marks" / "mask.png"), mask)
    rows = ["exam,view,finding,class,type,occult,mask", "e1,L-CC,F1,malignant,mass,0,mask.png"]
    table = write(data / "marks" / "findings.csv", rows)
    lines = (data / "exams.csv").read_text(encoding="utf-8").splitlines()
    write(data / "exams.csv", lines[:3])
    ran = label(data, "--annotations", table)
    assert ran.code == 0, ran.err
    assert (data / "out" / "findings.csv").read_text(encoding="utf-8").count("malignant") == 1
    record = json.loads((data / "out" / "label.json").read_text(encoding="utf-8"))
    assert record["annotations"] == {"findings": 1, "masks": 1}


def test_with_the_key_annotations_join_pseudonymous_exams(data: Path) -> None:
    uid, pseudonyms = "1.2.3.4", Pseudonyms(bytes(range(32)))
    keyfile = write(data / "key.txt", [bytes(range(32)).hex()])
    exam, patient = pseudonyms.exam(uid), pseudonyms.patient("SECRET1")
    taken = date.fromisoformat(day(0)) + pseudonyms.shift("SECRET1")
    row = f"{exam},{patient},{taken},L-CC,L-CC.png,40,30"
    write(data / "exams.csv", [f"{HEADER},rows,columns", row])
    biopsies(data, f"SECRET1,{day(3)},L,malignant")
    row = f"{uid},L-CC,F1,malignant,,0,circle,15,20,5"
    table = write(data / "f.csv", ["exam,view,finding,class,type,occult,shape,x,y,radius", row])
    ran = label(data, "--key", keyfile, "--annotations", table)
    assert ran.code == 0, ran.err
    written = (data / "out" / "findings.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert written == [f"{exam},L-CC,F1,malignant,,0,masks/{exam}/L-CC.png"]


def test_the_worked_example_of_the_documentation_holds(data: Path) -> None:
    written = (Path(__file__).parents[2] / "docs" / "labels.md").read_text(encoding="utf-8")
    assert "| 30 June, R | DCIS | 121 |" in written
    biopsies(
        data,
        "SECRET1,2019-03-01,L,fibroadenoma",
        "SECRET1,2019-06-29,both,ADH",
        "SECRET1,2019-06-30,R,DCIS",
    )
    label(data)
    assert labels(data)["e1"] == "1100"
    assert any(one["place"] == "biopsies.csv, line 4" for one in problems(data))
