from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sr._snomed_dict import mapping
from pydicom.sr.codedict import codes

from fourview.core.views import Facing, Laterality, View
from fourview.io.dicom import view_terms as terms
from fourview.io.dicom.view import ViewTold, view_told
from support.dicom_files import code, mammogram, scanned_film, view_code

UNTOLD: dict[str, Any] = {
    "ImageLaterality": None,
    "ViewPosition": None,
    "ViewCodeSequence": None,
    "PatientOrientation": None,
}


def told(**tags: Any) -> ViewTold:
    """What a header tells that tells nothing but `tags`."""
    return view_told(mammogram("L-CC", **(UNTOLD | tags)))


@pytest.mark.parametrize("view", list(View))
def test_a_conformant_header_tells_its_view_without_a_warning(view: View) -> None:
    found = view_told(mammogram(view.value))
    assert (found.view, found.reason, found.warnings) == (view, "", ())


@pytest.mark.parametrize(
    ("value", "scheme", "position"),
    [
        ("399162004", "SCT", "CC"),
        ("399368009", "SCT", "MLO"),
        ("R-10242", "SRT", "CC"),
        ("R-10226", "SRT", "MLO"),
        ("R-10242", "SNM3", "CC"),
        ("R-10226", "SNM3", "MLO"),
    ],
)
def test_view_codes_of_all_three_schemes_are_known(value: str, scheme: str, position: str) -> None:
    found = told(ImageLaterality="R", ViewCodeSequence=[view_code(value, scheme)])
    assert found.view is View.of(Laterality.RIGHT, position)


@pytest.mark.parametrize(
    ("table", "context"),
    [(terms.POSITION_CODES, codes.cid4014), (terms.MODIFIER_CODES, codes.cid4015)],
)
def test_the_tables_of_codes_are_the_standards(table: dict[str, str], context: Any) -> None:
    """PS3.16, CID 4014 and CID 4015."""
    standard = {getattr(context, name).value for name in context.dir()}
    without_side = "399061009"  # an exaggerated view of no told side stands in no context group
    assert {one for one in table if one.isdigit()} - {without_side} == standard


@pytest.mark.parametrize(
    ("number", "older"),
    [
        (number, older)
        for table in (terms.POSITION_CODES, terms.MODIFIER_CODES)
        for number in table
        if number.isdigit()
        for older in table
        if not older.isdigit() and table[older] == table[number]
    ],
)
def test_an_older_code_is_that_of_its_number(number: str, older: str) -> None:
    assert mapping["SRT"][older] == number


@pytest.mark.parametrize(
    ("laterality", "expected"),
    [
        ({"ImageLaterality": "R"}, Laterality.RIGHT),
        ({"Laterality": "R"}, Laterality.RIGHT),
        ({"ImageLaterality": "L", "Laterality": "R"}, Laterality.LEFT),
        ({"ViewPosition": "RMLO"}, Laterality.RIGHT),
        ({"PatientOrientation": ["P", "FL"]}, Laterality.RIGHT),
        ({"PatientOrientation": ["A", "FR"]}, Laterality.LEFT),
        ({"ImageLaterality": "", "Laterality": "", "PatientOrientation": None}, None),
        ({"ImageLaterality": "U"}, None),
    ],
)
def test_laterality_comes_from_the_first_that_tells_it(
    laterality: dict[str, Any], expected: Laterality | None
) -> None:
    found = told(**({"ViewPosition": "MLO"} | laterality))
    assert found.laterality is expected


@pytest.mark.parametrize(
    ("tags", "position"),
    [
        ({"ViewCodeSequence": [view_code("R-10242", "SRT")]}, "CC"),
        ({"ViewPosition": "MLO"}, "MLO"),
        ({"ViewPosition": "mlo "}, "MLO"),
        ({"ViewPosition": "LMLO"}, "MLO"),
        ({"ViewPosition": "L CC"}, "CC"),
        ({"ViewPosition": "CRANIO-CAUDAL"}, "CC"),
        ({"PatientOrientation": "CC"}, "CC"),
        ({"PatientOrientation": "MLO"}, "MLO"),
        ({"ViewCodeSequence": [view_code("R-99999", "SRT")], "ViewPosition": "MLO"}, "MLO"),
        ({"ViewCodeSequence": [view_code("399162004", "ACME")], "ViewPosition": "MLO"}, "MLO"),
        ({"ViewPosition": "MLO", "PatientOrientation": ["A", "R"]}, "MLO"),
    ],
)
def test_the_view_comes_from_the_first_that_tells_it(tags: dict[str, Any], position: str) -> None:
    found = told(ImageLaterality="L", **tags)
    assert found.view is View.of(Laterality.LEFT, position)


@pytest.mark.parametrize(
    ("orientation", "view", "facing"),
    [
        (["P", "L"], View.R_CC, Facing.LEFT),
        (["A", "R"], View.L_CC, Facing.RIGHT),
        (["P", "FL"], View.R_MLO, Facing.LEFT),
        (["A", "FR"], View.L_MLO, Facing.RIGHT),
        (["A", "L"], View.R_CC, Facing.RIGHT),  # mirrored
        (["P", "R"], View.L_CC, Facing.LEFT),
        (["A", "FL"], View.R_MLO, Facing.RIGHT),
        (["P", "LF"], View.R_MLO, Facing.LEFT),
        (["A", "HR"], View.R_MLO, Facing.RIGHT),  # upside down
        (["P", "HL"], View.L_MLO, Facing.LEFT),
    ],
)
def test_patient_orientation_alone_tells_the_view_and_says_so(
    orientation: list[str], view: View, facing: Facing
) -> None:
    found = told(PatientOrientation=orientation)
    assert (found.view, found.facing) == (view, facing)
    assert "the view is told by Patient Orientation alone" in found.warnings
    assert any("laterality is told by Patient Orientation alone" in one for one in found.warnings)


@pytest.mark.parametrize(
    "orientation",
    [None, "", ["A"], ["A", ""], ["L", "P"], ["A", "X"], ["A", "H", "F"], ["A", "LR"], "CC"],
)
def test_a_nonconformant_orientation_tells_no_laterality(orientation: Any) -> None:
    assert told(PatientOrientation=orientation).laterality is None


@pytest.mark.parametrize(("orientation", "facing"), [(["L", "P"], None), ("MLO", None)])
def test_facing_is_told_by_a_conformant_orientation_only(
    orientation: Any, facing: Facing | None
) -> None:
    assert view_told(mammogram("L-CC", PatientOrientation=orientation)).facing is facing


@pytest.mark.parametrize(
    ("tags", "warning"),
    [
        ({"ViewPosition": "MLO"}, "View Code Sequence says CC, View Position MLO"),
        ({"Laterality": "R"}, "Image Laterality says L, Laterality R"),
        ({"PatientOrientation": ["A", "FR"]}, r"Patient Orientation A\FR is not that of the CC"),
        ({"PatientOrientation": ["P", "L"]}, "other breast"),
        ({"PatientOrientation": ["R", "A"]}, "chest wall neither left nor right"),
        ({"PartialView": "YES"}, "partial view"),
        ({"BreastImplantPresent": "YES"}, "implant"),
    ],
)
def test_what_does_not_fit_together_is_a_warning_and_the_code_is_believed(
    tags: dict[str, Any], warning: str
) -> None:
    found = view_told(mammogram("L-CC", **tags))
    assert found.view is View.L_CC
    assert len(found.warnings) == 1
    assert warning in found.warnings[0]


def test_an_image_stored_mirrored_is_no_contradiction() -> None:
    found = view_told(mammogram("R-CC", PatientOrientation=["A", "L"]))
    assert (found.view, found.facing, found.warnings) == (View.R_CC, Facing.RIGHT, ())


@pytest.mark.parametrize(
    "value", [one for one, name in terms.POSITION_CODES.items() if name not in terms.SCREENING]
)
def test_every_other_view_is_set_aside_for_good(value: str) -> None:
    position = terms.POSITION_CODES[value]
    scheme = "SCT" if value.isdigit() else "SRT"
    found = told(ImageLaterality="L", ViewCodeSequence=[view_code(value, scheme)])
    assert found.view is None
    assert found.reason.startswith(f"no standard screening view: a {position} view (")
    assert not found.may_be_named


@pytest.mark.parametrize(
    "text", ["ML", "LM", "LMO", "XCC", "XCCL", "XCCM", "FB", "SIO", "ISO", "RML", "LLM", "LXCCL"]
)
def test_other_views_in_words_are_set_aside(text: str) -> None:
    found = told(ImageLaterality="R", ViewPosition=text)
    assert found.view is None
    assert "no standard screening view" in found.reason
    assert not found.may_be_named


def test_a_true_lateral_is_told_by_orientation() -> None:
    assert "ML view" in told(ImageLaterality="R", PatientOrientation=["P", "F"]).reason


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("value", list(terms.MODIFIER_CODES))
def test_a_modifier_sets_a_view_aside_unless_screening_has_it(value: str, beside: bool) -> None:
    """It belongs into the view's item, and is found beside it too."""
    name = terms.MODIFIER_CODES[value]
    scheme = "SCT" if value.isdigit() else "SNM3"
    inside = () if beside else (code(value, scheme),)
    found = told(
        ImageLaterality="L",
        ViewCodeSequence=[view_code("R-10242", "SNM3", inside)],
        ViewModifierCodeSequence=[code(value, scheme)] if beside else None,
    )
    if name in terms.SCREENING_MODIFIERS:
        assert found.view is View.L_CC
    else:
        assert found.reason == f"no standard screening view: a view with the modifier {name}"
        assert not found.may_be_named


@pytest.mark.parametrize(
    ("text", "modifier"),
    [
        ("CC SPOT", "spot compression"),
        ("CC-MAG", "magnification"),
        ("MCC", None),
        ("MLO AT", "axillary tail"),
        ("CC RL", "rolled lateral"),
        ("CV", "cleavage"),
        ("CC TAN", "tangential"),
    ],
)
def test_a_modifier_in_view_position_sets_a_view_aside(text: str, modifier: str | None) -> None:
    found = told(ImageLaterality="L", ViewPosition=text)
    assert found.view is None
    assert (modifier or "names none") in found.reason


def test_an_implant_is_flagged_and_told() -> None:
    displaced = view_told(
        mammogram("L-CC", ViewCodeSequence=[view_code("399162004", "SCT", (code("399209000"),))])
    )
    assert displaced.view is View.L_CC
    assert displaced.implant
    assert displaced.warnings == ("the breast has an implant, displaced in this view",)
    assert not view_told(mammogram("L-CC", BreastImplantPresent="NO")).implant


def test_an_image_of_both_breasts_is_set_aside() -> None:
    found = view_told(mammogram("L-CC", ImageLaterality="B"))
    assert "both breasts" in found.reason
    assert not found.may_be_named


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"ViewPosition": "AP\x1b[31m"}, r"'AP\x1b[31m', which names none"),
        ({"ViewCodeSequence": [view_code("R-99999", "SRT")]}, "'R-99999' of 'SRT'"),
        ({"PatientOrientation": "WHAT"}, "'WHAT', which names none"),
        (
            {
                "ViewPosition": "CC",
                "ViewModifierCodeSequence": [code("1", "99ACME", "odd")],
            },
            "'1' of '99ACME', meaning 'odd'",
        ),
    ],
)
def test_what_no_table_knows_is_set_aside_but_may_be_named(
    tags: dict[str, Any], words: str
) -> None:
    found = told(ImageLaterality="L", **tags)
    assert found.view is None
    assert words in found.reason
    assert found.may_be_named


@pytest.mark.parametrize("dataset", [Dataset(), mammogram(**UNTOLD)])
def test_a_header_that_tells_nothing_gives_no_reason_either(dataset: Dataset) -> None:
    assert view_told(dataset) == ViewTold()


@pytest.mark.parametrize("view", list(View))
def test_scanned_film_has_its_view_in_the_wrong_element(view: View) -> None:
    found = view_told(scanned_film(view.value))
    assert (found.view, found.facing, found.warnings) == (view, None, ())
