"""Patients' IDs as tables change them on their way: `007`, `7`, `7.0` and ` 7` may be one."""

from __future__ import annotations

import re
import unicodedata

_PSEUDONYM = re.compile(r"(p-[a-z2-7]{16})-[a-z2-7]{8}")
"""Its first part is of the patient in any writing, its second of this one."""


def alike(patient: str) -> str:
    """One text for all ways of writing an ID: without leading zeros, spaces and case.

    Of a pseudonym it is the part that all writings of its patient have.
    """
    if found := _PSEUDONYM.fullmatch(patient):
        return found[1]
    text = unicodedata.normalize("NFKC", patient).casefold()
    text = "".join(text.split()).removesuffix(".0")
    return text.lstrip("0") or text[:1]
