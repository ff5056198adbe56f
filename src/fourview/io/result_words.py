"""What pathology tables call a result, and a side: words and codes, whole, never searched for
inside a sentence ("no carcinoma" holds "carcinoma")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fourview.core.errors import RecipeError, TableError
from fourview.core.records import Pathology
from fourview.core.views import Laterality
from fourview.io.names import shown

Results = frozenset[Pathology]
_MALIGNANT = frozenset({Pathology.MALIGNANT})
_BENIGN = frozenset({Pathology.BENIGN})
_HIGH_RISK = frozenset({Pathology.HIGH_RISK})
_NOTHING: Results = frozenset()

CLASSES: Mapping[str, Results] = {
    "malignant": _MALIGNANT,
    "benign": _BENIGN,
    "high-risk": _HIGH_RISK,
    "none": _NOTHING,
}
"""What `--result WORD=CLASS` may name."""

_WORDS: Mapping[Results, str] = {
    _MALIGNANT: (
        "malignant, malignancy, cancer, breast cancer, carcinoma, invasive cancer, "
        "invasive carcinoma, invasive ductal carcinoma, infiltrating ductal carcinoma, idc, "
        "invasive carcinoma nst, invasive lobular carcinoma, infiltrating lobular carcinoma, ilc, "
        "invasive mammary carcinoma, ductal carcinoma, lobular carcinoma, mucinous carcinoma, "
        "tubular carcinoma, medullary carcinoma, metaplastic carcinoma, papillary carcinoma, "
        "inflammatory carcinoma, ductal carcinoma in situ, dcis, paget disease, paget's disease, "
        "angiosarcoma, sarcoma, malignant phyllodes tumor, malignant phyllodes tumour"
    ),
    _HIGH_RISK: (
        "high risk, high risk benign, high risk lesion, benign high risk, atypia, "
        "atypical hyperplasia, atypical ductal hyperplasia, adh, atypical lobular hyperplasia, "
        "alh, flat epithelial atypia, fea, lobular carcinoma in situ, lcis, lobular neoplasia, "
        "papilloma, intraductal papilloma, papillomatosis, atypical papilloma, radial scar, "
        "complex sclerosing lesion"
    ),
    _BENIGN: (
        "benign, fibroadenoma, fibroadenomatoid change, cyst, simple cyst, complicated cyst, "
        "fibrocystic, fibrocystic change, fibrocystic changes, fibrocystic disease, fibrosis, "
        "stromal fibrosis, fat necrosis, hamartoma, lipoma, adenosis, sclerosing adenosis, "
        "usual ductal hyperplasia, udh, ductal hyperplasia, apocrine metaplasia, duct ectasia, "
        "ductal ectasia, mastitis, abscess, hematoma, haematoma, seroma, galactocele, pash, "
        "pseudoangiomatous stromal hyperplasia, columnar cell change, columnar cell changes, "
        "intramammary lymph node, benign lymph node, benign calcifications, benign breast tissue, "
        "benign phyllodes tumor, benign phyllodes tumour, gynecomastia, scar"
    ),
    _NOTHING: (
        "normal, normal breast tissue, negative, insufficient, insufficient material, "
        "non diagnostic, nondiagnostic, inadequate, none"
    ),
    _MALIGNANT | _BENIGN: "both",
}
WORDS: Mapping[str, Results] = {
    word: results for results, words in _WORDS.items() for word in words.split(", ")
}

CODES: Mapping[str, Mapping[str, Results]] = {
    "embed": {
        **{"0": _MALIGNANT, "1": _MALIGNANT, "2": _HIGH_RISK, "3": _HIGH_RISK},
        **{"4": _BENIGN, "5": _NOTHING},
    },
}
"""Numbers of public data sets. EMBED's `path_severity`: 0 invasive and 1 non-invasive cancer, 2
high-risk and 3 borderline lesion, 4 benign, 5 normal. 6, a cancer that is not the breast's, has no
class of its own: `--result 6=CLASS` decides."""

_BOTH_SIDES = (Laterality.LEFT, Laterality.RIGHT)
_SIDES: Mapping[tuple[Laterality, ...], str] = {
    (Laterality.LEFT,): "l, left, lt, left breast, 7771000, g-a101",
    (Laterality.RIGHT,): "r, right, rt, right breast, 24028007, g-a100",
    _BOTH_SIDES: "b, both, bilateral, both breasts, 51440002, g-a102",
}
SIDES: Mapping[str, tuple[Laterality, ...]] = {
    word: sides for sides, words in _SIDES.items() for word in words.split(", ")
}
"""Words, and the codes of DICOM's context group 244, Laterality: SNOMED CT and SRT."""

_AND = re.compile(r"[;|,/&]|(?<=[\w)])\s*\+\s*(?=[\w(])| and | with ")
"""A plus before a word, or after one, is a sign: what it says of the word is not known."""
_DASH = re.compile(r"(?<=[^\s;|+,/&-])(?:-\s*|\s+-\s+)(?=[^\s;|+,/&-])")
"""As in `high-risk`; in `-malignant` it is a sign, and stays."""


def word_list(settings: Sequence[str]) -> dict[str, Results]:
    """A user's own words, from `WORD=CLASS` settings.

    Raises RecipeError where one is no such setting, or a word is given twice and not alike.
    """
    words: dict[str, Results] = {}
    for setting in settings:
        word, _, name = setting.rpartition("=")
        results = CLASSES.get(name.strip().casefold().replace("_", "-"))
        if results is None or not _plain(word):
            raise RecipeError(
                f"--result {setting!r} is no word and class",
                hint=f"write WORD=CLASS, with {', '.join(CLASSES)}",
            )
        if words.setdefault(_plain(word), results) != results:
            raise RecipeError(f"--result names {word!r} twice, with two classes")
    return words


def code_list(name: str | None) -> Mapping[str, Results]:
    """A public data set's numbers; none without a name. Raises RecipeError for an unknown one."""
    if name is None:
        return {}
    if name.casefold() not in CODES:
        raise RecipeError(f"--result-codes {name!r}: it may be {', '.join(CODES)}")
    return CODES[name.casefold()]


def results_of(text: str, words: Mapping[str, Results]) -> Results:
    """What a cell of results tells: one word, or several, as in `malignant;benign`.

    Args:
        words: what counts beside WORDS, and before it.

    Raises TableError, naming the word, where one is unknown or the cell is empty.
    """
    known = {**WORDS, **words}
    whole = _plain(text)
    if whole in known:
        return known[whole]
    parts = [part for part in (_plain(part) for part in _AND.split(whole)) if part]
    if not parts:
        raise TableError("the result is empty", hint="an inconclusive biopsy is: insufficient")
    for part in parts:
        if part not in known:
            raise TableError(f"the result {_short(part)!r} is unknown", hint=_way_out(part))
    if len({bool(known[part]) for part in parts}) > 1:  # `carcinoma, negative` denies it
        raise TableError(
            f"the result {_short(text)!r} tells a finding, and that there is none",
            hint=f"leave one of them, or {_mine(whole)}",
        )
    return frozenset().union(*(known[part] for part in parts))


def sides_of(text: str) -> tuple[Laterality, ...]:
    """The breasts that a cell names. Raises TableError where it names none, or another thing."""
    whole = _plain(text, dashes=False)
    if not whole:
        raise TableError("the side is empty", hint="write L, R or both")
    found = [SIDES.get(part.strip()) for part in re.split(r"[;|+,/&]", whole)]
    sides = {side for one in found if one for side in one}
    if None in found or not sides:
        raise TableError(f"the side is {_short(text)!r}", hint="write L, R or both")
    return tuple(side for side in Laterality if side in sides)


def _plain(text: str, *, dashes: bool = True) -> str:
    """One way of writing; `4.0`, as tables of numbers give it, is 4."""
    text = " ".join(text.casefold().replace("_", " ").split())
    text = " ".join(_DASH.sub(" ", text).split()) if dashes else text
    return text.removesuffix(".0") if text.removesuffix(".0").isdecimal() else text


def _short(text: str) -> str:
    return shown(text if len(text) <= 40 else f"{text[:39]}…")


def _way_out(word: str) -> str:
    if word.isdecimal():
        return f"a number is a code: {_mine(word)}, or --result-codes {' or '.join(CODES)}"
    return f"say what it is: {_mine(word)}"


def _mine(word: str) -> str:
    return f"--result {_short(word)!r}=CLASS, with {', '.join(CLASSES)}"
