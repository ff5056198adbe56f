"""The words for what a finding is."""

from __future__ import annotations

import re

from fourview.core.errors import TableError
from fourview.core.records import Pathology
from fourview.io.names import shown

CLASSES = ", ".join(pathology.value for pathology in Pathology)
_WORDS = {
    Pathology.MALIGNANT: ("malignant", "malignancy", "cancer", "carcinoma", "dcis", "m", "red"),
    Pathology.BENIGN: ("benign", "benign without callback", "b", "green"),
    Pathology.HIGH_RISK: ("high risk benign", "benign high risk", "high risk", "yellow"),
}
_OF_WORD = {word: pathology for pathology, words in _WORDS.items() for word in words}
_IN_TEXT = (
    (Pathology.HIGH_RISK, r"\bhigh\W*risk"),
    (
        Pathology.MALIGNANT,
        r"\bmalignan|\bcancer|(?<!lobular )carcinoma",
    ),  # LCIS is high-risk benign
    (Pathology.BENIGN, r"\bbenign"),
)
_DENIED = re.compile(r"\b(no|not|non|without|versus|vs|or)\b|\?", flags=re.IGNORECASE)


def class_cell(text: str) -> Pathology:
    """The class that a table's cell names.

    Raises:
        TableError: the cell is empty, or its word is no class.
    """
    found = _OF_WORD.get(" ".join(re.split(r"[\s_\-]+", text.strip().casefold())))
    if found is None:
        what = f"is {shown(text)!r}" if text else "is empty"
        raise TableError(
            f"class {what}; expected {CLASSES}",
            hint="write one of these; B and M, and the colours red, green, yellow are known too",
        )
    return found


def class_in_text(text: str) -> Pathology | None:
    """The class that free text names, as a segment's label: `Malignant mass 1`.

    None where it names none, two, or denies one (`not malignant`, `benign or malignant`).
    """
    words = re.sub(r"[_\-]+", " ", text)
    if _DENIED.search(words):
        return None
    found = {name for name, pattern in _IN_TEXT if re.search(pattern, words, re.IGNORECASE)}
    if found == {Pathology.HIGH_RISK, Pathology.BENIGN}:
        return Pathology.HIGH_RISK
    return found.pop() if len(found) == 1 else None
