"""Tables of a reader study, wide and long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.io.reader_cells import Scale
from fourview.io.reader_table import ReaderTable, read_reader_table

WIDE = """case_ID,side,label,Reader01_POM,Reader02_POM,AI_net_POM
17,L,0.0,0.1,0.2,0.05
17,R,1.0,0.9,,0.7
18,L,0,0.3,0.0,
"""
LONG = """reader,treatment,case,truth,rating,patient
ann,film,a,0,1,p
ann,film,b,1,4,p
ann,digital,a,0,2,p
bob,film,a,0,,p
bob,digital,b,1,5,p
"""


def read(folder: Path, text: str, **how: object) -> ReaderTable:
    path = folder / "readers.csv"
    path.write_text(text)
    return read_reader_table(path, **how)  # type: ignore[arg-type]


def test_a_wide_table_has_a_column_a_reader(tmp_path: Path) -> None:
    table = read(tmp_path, WIDE, models=["AI_net_POM"])
    ratings = table.ratings
    assert ratings.readers == ("Reader01_POM", "Reader02_POM")
    assert ratings.cases == ("17-L", "17-R", "18-L")
    assert ratings.patients == ("17", "17", "18")
    assert ratings.truth.tolist() == [False, True, False]
    assert np.isnan(ratings.values[0, 1]).tolist() == [False, True, False]
    assert table.scores["AI_net_POM"].tolist() == pytest.approx([0.05, 0.7, np.nan], nan_ok=True)


def test_readers_can_be_named(tmp_path: Path) -> None:
    ratings = read(tmp_path, WIDE, readers=["AI_net_POM", "Reader02_POM"]).ratings
    assert ratings.readers == ("AI_net_POM", "Reader02_POM")


def test_a_patient_column_says_whose_case_it_is(tmp_path: Path) -> None:
    text = "patient,exam,truth,reader\np,1,0,0.1\np,2,1,0.2\nq,3,1,0.3\n"
    assert read(tmp_path, text).ratings.patients == ("p", "p", "q")


def test_a_long_table_has_a_row_a_rating(tmp_path: Path) -> None:
    ratings = read(tmp_path, LONG).ratings
    assert ratings.modalities == ("film", "digital")
    assert ratings.readers == ("ann", "bob")
    assert ratings.patients == ("p", "p")
    assert ratings.values.tolist() == pytest.approx(
        np.array([[[1, 4], [np.nan, np.nan]], [[2, np.nan], [np.nan, 5]]]), nan_ok=True
    )


def test_a_long_table_without_treatment_is_one_modality(tmp_path: Path) -> None:
    ratings = read(tmp_path, "reader,case,truth,rating\nann,a,0,1\nann,b,1,2\n").ratings
    assert ratings.values.tolist() == [[[1, 2]]]
    assert ratings.patients == ("a", "b")


def test_readers_of_a_long_table_can_be_chosen(tmp_path: Path) -> None:
    assert read(tmp_path, LONG, readers=["bob"]).ratings.readers == ("bob",)
    with pytest.raises(TableError, match="no reader 'eve'"):
        read(tmp_path, LONG, readers=["eve"])


def test_birads_categories_become_ranks(tmp_path: Path) -> None:
    text = "case,truth,reader a\n1,0,2\n2,1,4A\n3,1,0\n"
    found = read(tmp_path, text, scale=Scale(birads=True, zero_above="3")).ratings.values[0, 0]
    assert found[0] < found[2] < found[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WIDE.replace("0.9", "high"), "line 3, column Reader01_POM: the rating is 'high'"),
        (WIDE.replace("0.9", "nan"), "line 3, column Reader01_POM"),
        (WIDE.replace("17,R,1.0", "17,R,2"), "line 3, column label: '2'; expected 0 or 1"),
        (WIDE.replace("17,R,1.0", "17,R,"), "line 3, column label"),
        (WIDE.replace("17,R", "17,L"), "line 3: the case '17-L' stands on readers.csv, line 2"),
        (WIDE.replace("17,R", "17,B"), "line 3, column side: 'B'; expected L or R"),
        (WIDE.replace("17,R", ",R"), "line 3, column case_ID: the cell is empty"),
        (WIDE.replace("0.0,0.1,", "0.0,"), "line 2: the row has 5 cells"),
        (WIDE.replace("label", "outcome"), "no such column; expected one of truth, label"),
        (WIDE.replace("side", "exam"), "columns case_ID and exam; expected one of"),
        (WIDE.replace("Reader", "Dr"), "no column begins with 'reader'"),
        (WIDE.splitlines()[0] + "\n", "no row below the header"),
        (LONG.replace("ann,digital,a,0", "ann,digital,a,1"), "line 4: the truth of case 'a'"),
        (LONG.replace("ann,digital,a,0,2,p", "ann,digital,a,0,2,q"), "line 4: the patient of"),
        (LONG.replace("ann,film,b,1", "ann,film,a,0"), "line 3: reader 'ann' rated case 'a' on"),
        (LONG.replace(",4,", ",x,"), "line 3, column rating: the rating is 'x'"),
        (LONG.replace("bob,film", ",film"), "line 5, column reader: the cell is empty"),
    ],
)
def test_a_wrong_table_is_refused_by_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no column 'AI_other'"):
        read(tmp_path, WIDE, models=["AI_other"])
    with pytest.raises(TableError, match="no column of a model"):
        read(tmp_path, LONG, models=["AI_net_POM"])


def test_a_model_whose_name_begins_with_reader_is_no_reader(tmp_path: Path) -> None:
    text = WIDE.replace("AI_net_POM", "reader_AI").replace(",\n", ",0.4\n")
    table = read(tmp_path, text, models=["reader_AI"])
    assert table.ratings.readers == ("Reader01_POM", "Reader02_POM")
    assert table.scores["reader_AI"].tolist() == [0.05, 0.7, 0.4]
    with pytest.raises(TableError, match="'reader_AI' is named as a reader and as a model"):
        read(tmp_path, text, readers=["Reader01_POM", "reader_AI"], models=["reader_AI"])


def test_names_that_differ_only_in_writing_are_refused(tmp_path: Path) -> None:
    """The first would silently lose a reader, the others make two of one."""
    with pytest.raises(TableError, match="columns 'Reader01_POM' and 'reader01_pom' differ only"):
        read(tmp_path, WIDE.replace("Reader02_POM", "reader01_pom"))
    with pytest.raises(TableError, match="readers 'ann' and 'Ann' differ only"):
        read(tmp_path, LONG.replace("ann,digital", "Ann,digital"))
    umlauts = LONG.replace("ann,digital", "M\u00fcller,film").replace(
        "bob,film", "Mu\u0308ller,film"
    )
    with pytest.raises(TableError, match="how a letter is encoded"):
        read(tmp_path, umlauts)
    with pytest.raises(TableError, match="modalities 'film' and 'Film' differ only"):
        read(tmp_path, LONG.replace("bob,film", "bob,Film"))


def test_an_exam_of_two_patients_is_refused(tmp_path: Path) -> None:
    wide = "exam,side,label,patient,Reader\n1,L,0,p,1\n1,R,1,q,2\n"
    long = "reader,exam,side,truth,rating,patient\nann,1,L,0,1,p\nann,1,R,1,2,q\n"
    for text in (wide, long):
        with pytest.raises(TableError, match="line 3: the exam '1' is another patient's than on"):
            read(tmp_path, text)
        assert read(tmp_path, text.replace("q", "p")).ratings.patients == ("p", "p")


def test_a_wrong_category_is_refused_by_its_place(tmp_path: Path) -> None:
    text = "case,truth,reader a\n1,0,2\n2,1,7\n"
    with pytest.raises(TableError, match=r"line 3, column reader a: BI-RADS category '7'"):
        read(tmp_path, text, scale=Scale(birads=True))
    mixed = "case,truth,reader a\n1,0,4\n2,1,4a\n"
    with pytest.raises(TableError, match=r"readers.csv: BI-RADS 4 stands beside"):
        read(tmp_path, mixed, scale=Scale(birads=True))
    long = "reader,case,truth,rating\na,1,0,4\na,2,1,4a\n"
    with pytest.raises(TableError, match=r"readers.csv: BI-RADS 4 stands beside"):
        read(tmp_path, long, scale=Scale(birads=True))


def test_the_papers_public_table(shared_data: Path) -> None:
    table = read_reader_table(shared_data / "data" / "reader_study.csv", models=["AI_DMVCNN_POM"])
    assert table.ratings.values.shape == (1, 14, 1440)
    assert table.ratings.is_complete
    assert int(table.ratings.truth.sum()) == 61
    assert len(set(table.ratings.patients)) == 720
    assert table.scores["AI_DMVCNN_POM"].shape == (1440,)


def test_van_dykes_table(shared_data: Path) -> None:
    ratings = read_reader_table(shared_data / "data" / "vandyke.csv").ratings
    assert ratings.values.shape == (2, 5, 114)
    assert ratings.is_complete
