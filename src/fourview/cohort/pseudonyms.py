"""Pseudonyms: the same patient by another name, everywhere where the same key is used."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from fourview.cohort.spelling import alike
from fourview.core.errors import RecipeError

LEAST_KEY_BYTES = 16
OLDEST_TOLD = 89
"""Whole years: above it an age may tell who somebody is (45 CFR 164.514(b)(2)(i)(C))."""
_BYTES = 10
_LETTERS = 8
_DAYS = 365
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True)
class Pseudonyms:
    """Names and days from HMAC-SHA256 under a secret key.

    IDs that a table may have changed on its way (`007` to `7`) have pseudonyms that are alike, too,
    and the same shift of days: a biopsy of one is not taken for none of the other's.

    Without the key nobody can tell who is meant, nor try names until one fits. With it, tables
    that are made at different times join.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < LEAST_KEY_BYTES:
            raise RecipeError(
                f"the key has {len(self.key)} bytes; at least {LEAST_KEY_BYTES} are needed",
                hint="a key is drawn by chance: make one with --new-key",
            )

    def patient(self, patient_id: str) -> str:
        """`p-`, 16 letters and digits (80 bits) of the ID in any writing, `-` and 8 of this one."""
        name = self._name("patient", alike(patient_id))
        return f"p-{name}-{self._name('writing', patient_id)[:_LETTERS]}"

    def exam(self, uid: str) -> str:
        """`e-` and 16 letters and digits (80 bits) for a Study Instance UID."""
        return f"e-{self._name('exam', uid)}"

    def shift(self, patient_id: str) -> timedelta:
        """The days to add to every date of a patient: -365 to -1, so that intervals stay."""
        return self.shift_of(self.patient(patient_id))

    def shift_of(self, pseudonym: str) -> timedelta:
        """The same, for who holds the patient's pseudonym only."""
        drawn = int.from_bytes(self._digest("shift", alike(pseudonym)), "big")
        return timedelta(days=-1 - drawn % _DAYS)

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart, and nothing of either."""
        return self._name("fingerprint", "")

    def _name(self, purpose: str, text: str) -> str:
        return base64.b32encode(self._digest(purpose, text)[:_BYTES]).decode().casefold()

    def _digest(self, purpose: str, text: str) -> bytes:
        # surrogates stand for bytes of a damaged name: they are as good as others here
        message = f"{purpose}\0{text}".encode(errors="surrogatepass")
        return hmac.new(self.key, message, sha256).digest()


def is_uid(name: str) -> bool:
    """Whether an exam is called by its Study Instance UID (PS3.5, 9.1)."""
    return len(name) <= 64 and _UID.fullmatch(name) is not None


def told_age(age: float | None) -> float | None:
    """An age that tells nobody: whole years, and above 89 one number for all, 90."""
    return None if age is None else float(min(int(age), OLDEST_TOLD + 1))
