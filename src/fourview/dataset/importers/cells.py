"""The cells of public tables: sides, views, densities, BI-RADS categories, ages."""

from __future__ import annotations

import re

from fourview.core.errors import TableError
from fourview.core.views import Laterality, View
from fourview.io.names import shown

_SIDES = {"L": Laterality.LEFT, "R": Laterality.RIGHT}
_SIDE_WORDS = {"L": "L", "LEFT": "L", "R": "R", "RIGHT": "R"}
_NO_DENSITY = ("", "nan", "none")
_AGE = re.compile(r"0*(\d{1,3})(?:\.0)?\s*Y?", flags=re.IGNORECASE)
NOT_A_SCREENING_VIEW = "not one of the four screening views"


def side_of(text: str, column: str = "laterality") -> Laterality:
    """`L`, `R`, `LEFT`, `RIGHT`; raises TableError for anything else."""
    found = _SIDE_WORDS.get(text.strip().upper())
    if found is None:
        raise TableError(f"{column} is {shown(text)!r}; expected L or R")
    return _SIDES[found]


def view_of(laterality: Laterality, position: str) -> View | None:
    """The screening view, or None for another projection (ML, XCCL, ...)."""
    position = position.strip().upper()
    return View.of(laterality, position) if position in ("CC", "MLO") else None


def density_of(text: str) -> str:
    """BI-RADS a to d of `3`, `C`, `DENSITY C`; nothing where it is none of these."""
    word = text.strip().casefold().split()[-1:] or [""]
    plain = word[0].removesuffix(".0")
    if plain in _NO_DENSITY:
        return ""
    return {**dict(zip("1234", "abcd", strict=True)), **{one: one for one in "abcd"}}.get(plain, "")


def birads_of(text: str) -> str:
    """The category as BI-RADS writes it: `4a` of `BI-RADS 4A`; nothing for an empty cell.

    Raises:
        TableError: it is none.
    """
    plain = re.sub(r"bi-?rads", "", text.casefold()).strip().removesuffix(".0")
    if plain in ("", "nan"):
        return ""
    if not re.fullmatch(r"[0-6]|4[abc]", plain):
        raise TableError(f"the BI-RADS category is {shown(text)!r}; expected 0 to 6, 4a to 4c")
    return plain


def age_of(text: str) -> float | None:
    """Years of `57`, `057Y`, `57.0`; None where it is no such thing."""
    found = _AGE.fullmatch(text.strip())
    return float(found[1]) if found else None


def plain_number(text: str) -> str:
    """An identifier that a spreadsheet made a number: `123.0` is `123`."""
    return text.removesuffix(".0") if text.removesuffix(".0").isdecimal() else text


def finding_type(word: str) -> str:
    """`mass`, `calcification`, `asymmetry` or `distortion`, or the set's own word in small letters.

    Covers `Suspicious Calcification`, `Cluster`, `Architectural Distortion`, `Focal Asymmetry`.
    """
    plain = word.strip().casefold()
    for part, name in (
        ("calc", "calcification"),
        ("cluster", "calcification"),
        ("mass", "mass"),
        ("nodule", "mass"),
        ("distortion", "distortion"),
        ("asymm", "asymmetry"),
        ("assym", "asymmetry"),
    ):
        if part in plain:
            return name
    return plain
