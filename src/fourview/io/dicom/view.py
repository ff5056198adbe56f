"""Which view a header tells, where the breast faces, and why it may be no screening view."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from fourview.core.views import Facing, Laterality, View
from fourview.io.dicom import values as read
from fourview.io.dicom import view_terms as terms
from fourview.io.dicom.view_terms import SCREENING, said_in


@dataclass(frozen=True, kw_only=True)
class ViewTold:
    """What a header tells of its view.

    `view` is None where it is told only in part, or not at all; then `reason` is empty, unless the
    header names something that is no standard screening view, or that no table knows.
    """

    laterality: Laterality | None = None
    position: str = ""
    """`CC`, `MLO`, another view's abbreviation, or empty."""
    reason: str = ""
    may_be_named: bool = True
    """Whether who knows better may name the view: not where the header says it is another one."""
    facing: Facing | None = None
    implant: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def view(self) -> View | None:
        if self.reason or self.laterality is None or not self.position:
            return None
        return View.of(self.laterality, self.position)


@dataclass(frozen=True)
class _Orientation:
    """A conformant Patient Orientation (0020,0020): anatomical directions; PS3.3 C.7.6.1.1.1."""

    rows: str
    """Where a row runs to (rightward in the image): A anterior, P posterior, ..."""
    columns: str
    """Where a column runs to (downward)."""

    @property
    def facing(self) -> Facing | None:
        """The nipple is anterior."""
        return {"A": Facing.RIGHT, "P": Facing.LEFT}.get(self.rows[0])

    @property
    def position(self) -> str:
        """CC runs between the sides, MLO obliquely, a true lateral view (here `ML`) downward."""
        sides, heights = set(self.columns) & set("LR"), set(self.columns) & set("HF")
        if self.facing is None or set(self.columns) & set("AP"):
            return ""
        if sides:
            return "MLO" if heights else "CC"
        return "ML"

    @property
    def laterality(self) -> Laterality | None:
        """The breast whose outer (CC) or upper outer (MLO) side is at the top of the image.

        Columns of a CC view run from the outer side inward: toward the patient's left in the right
        breast. An oblique tells its turn by itself: inward goes with F, outward with H.
        """
        if self.position not in SCREENING or {"L", "R"} <= set(self.columns):
            return None
        inward = "L" in self.columns
        if "H" in self.columns:
            inward = not inward
        return Laterality.RIGHT if inward else Laterality.LEFT


def view_told(dataset: Dataset) -> ViewTold:
    """What the header tells of laterality, view, modifiers and facing, with its contradictions."""
    warnings: list[str] = []
    orientation, words = _orientation(dataset)
    view_position = said_in(read.text(dataset, "ViewPosition"))
    position, unknown = _position(dataset, view_position.position, words.position, warnings)
    if not position and not unknown:
        unknown = _unknown_words(dataset, view_position, words)
    if not position and not unknown and orientation and orientation.position:
        position = orientation.position
        warnings.append("the view is told by Patient Orientation alone")

    laterality, both = _laterality(
        dataset, view_position.laterality or words.laterality, orientation, warnings
    )
    if orientation and position in SCREENING:
        _compare(orientation, position, laterality, warnings)

    modifiers, unknown_modifier = _modifiers(dataset)
    modifiers += view_position.modifiers + words.modifiers
    displaced = terms.IMPLANT_DISPLACED in modifiers
    implant = displaced or read.word(dataset, "BreastImplantPresent") == "YES"
    if implant:
        warnings.append(f"the breast has an implant{', displaced in this view' * displaced}")
    if read.word(dataset, "PartialView") == "YES":
        warnings.append("a partial view: the breast is on more than one image")

    reason, may_be_named = "", True
    excluded = [one for one in modifiers if one not in terms.SCREENING_MODIFIERS]
    if position and position not in SCREENING:
        reason, may_be_named = f"a {position} view ({terms.POSITIONS[position]})", False
    elif excluded:
        reason, may_be_named = f"a view with the modifier {excluded[0]}", False
    elif both:
        reason, may_be_named = "an image of both breasts (Image Laterality B)", False
    elif unknown:
        reason = unknown
    elif unknown_modifier:
        reason = unknown_modifier
    return ViewTold(
        laterality=laterality,
        position=position,
        reason=f"no standard screening view: {reason}" if reason else "",
        may_be_named=may_be_named,
        facing=orientation.facing if orientation else None,
        implant=implant,
        warnings=tuple(warnings),
    )


def _orientation(dataset: Dataset) -> tuple[_Orientation | None, terms.Said]:
    """Patient Orientation: directions where conformant, else the words that it holds."""
    found = tuple(one.upper() for one in read.texts(dataset, "PatientOrientation"))
    if len(found) == 2 and all(
        one and len(one) <= 3 and set(one) <= set("APLRHF") for one in found
    ):
        return _Orientation(*found), terms.Said()
    return None, said_in(" ".join(found))


def _position(
    dataset: Dataset, view_position: str, orientation_word: str, warnings: list[str]
) -> tuple[str, str]:
    """The position, or why it is unknown, of the first that tells it."""
    coded, unknown = "", ""
    for item in read.items(dataset, "ViewCodeSequence"):
        code = read.text(item, "CodeValue")
        if code in terms.POSITION_CODES and read.word(item, "CodingSchemeDesignator") in (
            terms.SCHEMES
        ):
            coded = terms.POSITION_CODES[code]
            break
        unknown = unknown or _unknown_code("View Code Sequence (0054,0220)", item)
    if coded and view_position and coded != view_position:
        warnings.append(
            f"View Code Sequence says {coded}, View Position {view_position}: the code is believed"
        )
    told = coded or view_position or orientation_word
    return told, "" if told else unknown


def _unknown_code(where: str, item: Dataset) -> str:
    code, scheme = read.text(item, "CodeValue"), read.text(item, "CodingSchemeDesignator")
    meaning = read.text(item, "CodeMeaning")
    return (
        f"{where} holds {read.shown(code)} of {read.shown(scheme)}, meaning {read.shown(meaning)}"
    )


def _unknown_words(dataset: Dataset, view_position: terms.Said, words: terms.Said) -> str:
    for name, keyword, said in (
        ("View Position (0018,5101)", "ViewPosition", view_position),
        ("Patient Orientation (0020,0020)", "PatientOrientation", words),
    ):
        if said.unknown:
            found = "\\".join(read.texts(dataset, keyword))
            return f"{name} is {read.shown(found)}, which names none"
    return ""


def _modifiers(dataset: Dataset) -> tuple[tuple[str, ...], str]:
    """The coded modifiers, and what to say of one that no table knows.

    They belong into the View Code Sequence's item; some makers put them beside it.
    """
    known, unknown = [], ""
    for holder in (*read.items(dataset, "ViewCodeSequence"), dataset):
        for item in read.items(holder, "ViewModifierCodeSequence"):
            code = read.text(item, "CodeValue")
            scheme = read.word(item, "CodingSchemeDesignator")
            if code in terms.MODIFIER_CODES and scheme in terms.SCHEMES:
                known.append(terms.MODIFIER_CODES[code])
            elif code:
                unknown = _unknown_code("View Modifier Code Sequence (0054,0222)", item)
    return tuple(known), unknown


def _laterality(
    dataset: Dataset, in_words: str, orientation: _Orientation | None, warnings: list[str]
) -> tuple[Laterality | None, bool]:
    """The breast of the first that tells it, and whether the image shows both."""
    image, series = read.word(dataset, "ImageLaterality"), read.word(dataset, "Laterality")
    if image[:1] == "B" or (not image and series[:1] == "B"):
        return None, True
    told = [
        (name, Laterality(found[0]))
        for name, found in (
            ("Image Laterality", image),
            ("Laterality", series),
            ("the view's words", in_words),
        )
        if found in ("L", "R", "LEFT", "RIGHT")
    ]
    if told:
        (name, first), *others = told
        for other_name, other in others:
            if other is not first:
                warnings.append(
                    f"{name} says {first.value}, {other_name} {other.value}: the first is believed"
                )
        return first, False
    if orientation and orientation.laterality:
        warnings.append(
            "the laterality is told by Patient Orientation alone, as for a breast whose outer side "
            "is at the top"
        )
        return orientation.laterality, False
    return None, False


def _compare(
    orientation: _Orientation,
    position: str,
    laterality: Laterality | None,
    warnings: list[str],
) -> None:
    """Warn where Patient Orientation does not go with the view that is told."""
    said = f"Patient Orientation {orientation.rows}\\{orientation.columns}"
    if orientation.facing is None:
        warnings.append(f"{said} puts the chest wall neither left nor right in the image")
    elif orientation.position != position:
        warnings.append(f"{said} is not that of the {position} view that the header tells")
    elif laterality and orientation.laterality not in (None, laterality):
        warnings.append(f"{said} is that of the other breast, or of an image stored upside down")
    elif "H" in orientation.columns:
        warnings.append(f"{said}: the image is stored upside down")
