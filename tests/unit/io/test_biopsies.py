"""biopsies.csv: sides and results in words and codes; what cannot be read is told, and kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fourview.core.errors import RecipeError, TableError
from fourview.core.records import Pathology
from fourview.core.unclear import Unclear, UnclearBiopsy
from fourview.core.views import Laterality
from fourview.io.biopsies import read_biopsies
from fourview.io.result_words import SIDES, WORDS, code_list, results_of, sides_of, word_list

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
MALIGNANT, BENIGN, HIGH_RISK = Pathology.MALIGNANT, Pathology.BENIGN, Pathology.HIGH_RISK
HEADER = "patient,date,laterality,result\n"


def table(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "biopsies.csv"
    path.write_bytes(text.encode(encoding))
    return path


def unclear(tmp_path: Path, row: str) -> UnclearBiopsy:
    found = read_biopsies(table(tmp_path, f"{HEADER}{row}\n"))
    assert found.biopsies == ()
    [one] = found.unclear
    return one


def test_a_row_is_read(tmp_path: Path) -> None:
    [row] = read_biopsies(table(tmp_path, f"{HEADER}p7,2019-03-31,R,DCIS\n")).biopsies
    assert (row.patient, row.date, row.lateralities) == ("p7", date(2019, 3, 31), (RIGHT,))
    assert row.results == {MALIGNANT}
    assert row.place == "biopsies.csv, line 2"


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("Malignant", {MALIGNANT}),
        ("Invasive Ductal Carcinoma", {MALIGNANT}),
        ("ILC", {MALIGNANT}),
        ("benign", {BENIGN}),
        ("Fibrocystic changes", {BENIGN}),
        ("high_risk_benign", {HIGH_RISK}),
        ("High-risk", {HIGH_RISK}),
        ("LCIS", {HIGH_RISK}),
        ("radial scar", {HIGH_RISK}),
        ("negative", set()),
        ("Insufficient", set()),
        ("both", {MALIGNANT, BENIGN}),
        ("malignant;benign", {MALIGNANT, BENIGN}),
        ("high - risk", {HIGH_RISK}),
        ("malignant+benign", {MALIGNANT, BENIGN}),
        ("ADH + cyst", {HIGH_RISK, BENIGN}),
        ("idc and fibroadenoma", {MALIGNANT, BENIGN}),
    ],
)
def test_results_in_words(text: str, results: set[Pathology]) -> None:
    assert results_of(text, {}) == results


@pytest.mark.parametrize(
    "text",
    [
        *("no carcinoma", "negative for malignancy", "carcinoma excluded", "suspicious", "b5"),
        *("carcinoma in situ", "carcinoma, negative", "4", "", "?", ";"),
        *("-malignant", "- malignant", "--malignant", "+malignant", "?malignant", "malignant?"),
        *("malignant -", "malignant+", "malignant; -benign", "benign;+malignant", "benign + -cyst"),
    ],
)
def test_a_result_is_never_guessed(text: str) -> None:
    with pytest.raises(TableError):
        results_of(text, {})


def test_words_are_written_as_they_are_looked_up() -> None:
    """A word with a dash or a capital in the list would never be found."""
    assert all(results_of(word, {}) == results for word, results in WORDS.items())
    assert all(sides_of(word) == sides for word, sides in SIDES.items())


def test_an_unknown_word_names_the_way_out() -> None:
    with pytest.raises(TableError, match=r"'b5 \(x\)' is unknown.*--result 'b5 \(x\)'=CLASS"):
        results_of("B5 (x)", {})
    with pytest.raises(TableError, match="--result-codes embed"):
        results_of("4", {})


def test_words_of_ones_own_come_first() -> None:
    words = word_list(["B5=malignant", "atypia=none", "radial scar=benign", "a=b=high_risk"])
    assert results_of("b5", words) == {MALIGNANT}
    assert results_of("Atypia", words) == set()
    assert results_of("b5; radial scar", words) == {MALIGNANT, BENIGN}
    assert results_of("a=b", words) == {HIGH_RISK}


@pytest.mark.parametrize("wrong", ["b5", "b5=bad", "=benign", " =benign"])
def test_a_wrong_word_of_ones_own_is_refused(wrong: str) -> None:
    with pytest.raises(RecipeError, match="no word and class"):
        word_list([wrong])


def test_one_word_has_one_class() -> None:
    with pytest.raises(RecipeError, match="twice"):
        word_list(["b5=benign", "B5=malignant"])


def test_numbers_are_read_only_where_the_data_set_is_named() -> None:
    embed = code_list("EMBED")
    found = [results_of(str(code), embed) for code in range(6)]
    assert found == [{MALIGNANT}, {MALIGNANT}, {HIGH_RISK}, {HIGH_RISK}, {BENIGN}, set()]
    assert results_of("4.0", embed) == {BENIGN}
    with pytest.raises(TableError, match="'-1' is unknown"):
        results_of("-1", embed)
    with pytest.raises(TableError, match="'6' is unknown"):
        results_of("6", embed)
    with pytest.raises(RecipeError, match="may be embed"):
        code_list("other")


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        *(("L", (LEFT,)), ("right", (RIGHT,)), ("Left breast", (LEFT,)), ("B", (LEFT, RIGHT))),
        *(("bilateral", (LEFT, RIGHT)), ("R/L", (LEFT, RIGHT)), ("both", (LEFT, RIGHT))),
        *(("7771000", (LEFT,)), ("24028007", (RIGHT,)), ("51440002.0", (LEFT, RIGHT))),
        *(("G-A100", (RIGHT,)), ("G-A101", (LEFT,))),
    ],
)
def test_sides_in_words_and_codes(text: str, sides: tuple[Laterality, ...]) -> None:
    assert sides_of(text) == sides


def test_snomed_codes_of_sides_are_dicoms() -> None:
    from pydicom.sr.codedict import codes

    named = {"Left": (LEFT,), "Right": (RIGHT,), "Bilateral": (LEFT, RIGHT)}
    for name, sides in named.items():
        assert SIDES[getattr(codes.cid244, name).value] == sides


@pytest.mark.parametrize(
    ("row", "what", "said"),
    [
        ("p,2019-03-31,,benign", Unclear.SIDE, "the side is empty"),
        ("p,2019-03-31,unilateral,benign", Unclear.SIDE, "the side is 'unilateral'"),
        ("p,2019-03-31,L,", Unclear.RESULT, "the result is empty"),
        ("p,2019-03-31,L,lump", Unclear.RESULT, "the result 'lump' is unknown"),
        (",2019-03-31,L,benign", Unclear.PATIENT, "the patient is empty"),
        ("p,,L,benign", Unclear.DATE, "the date is empty"),
        ("p,31/03/2019,L,benign", Unclear.DATE, "year first"),
        ("p,2019-02-30,L,benign", Unclear.DATE, "expected a date"),
        ("p,2019-03-31,L,carcinoma, invasive", Unclear.ROW, "has 5 cells"),
        ("p,2019-03-31,L", Unclear.ROW, "has 3 cells"),
    ],
)
def test_what_is_unclear_is_told_and_the_biopsy_is_kept_as_unclear(
    tmp_path: Path, row: str, what: Unclear, said: str
) -> None:
    one = unclear(tmp_path, row)
    assert one.what is what
    assert said in str(one.told(is_error=True))
    assert one.place == "biopsies.csv, line 2"


def test_an_unclear_row_keeps_a_date_that_is_told(tmp_path: Path) -> None:
    assert unclear(tmp_path, "p,2019-03-31,,benign").date == date(2019, 3, 31)
    assert unclear(tmp_path, "p,2019-03-31,L").date is None


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("", "utf-8", "the table is empty"),
        ("patient;date;laterality;result\np;2019-03-31;L;benign\n", "utf-8", "separated by ';'"),
        (f"{HEADER}p,2019-03-31,L,benign\n", "utf-16", "UTF-16"),
        (f"{HEADER}Zoë,2019-03-31,L,benign\n", "latin-1", "line 2: not UTF-8"),
        ("patient,day,side,result\n", "utf-8", "no column 'date', 'laterality'"),
    ],
)
def test_another_table_is_refused_as_a_whole(
    tmp_path: Path, text: str, encoding: str, said: str
) -> None:
    with pytest.raises(TableError, match=said):
        read_biopsies(table(tmp_path, text, encoding=encoding))
