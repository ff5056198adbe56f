"""Pseudonyms: the same under one key, others under another, and nothing told without it."""

from __future__ import annotations

import hmac
import re
from datetime import date, timedelta

import pytest

from fourview.cohort.pseudonyms import Pseudonyms, is_uid, told_age
from fourview.cohort.spelling import alike
from fourview.core.errors import RecipeError

ONE, OTHER = Pseudonyms(bytes(range(32))), Pseudonyms(bytes(32))


def test_a_patient_has_one_pseudonym_under_one_key_and_another_under_another() -> None:
    assert ONE.patient("PID-1") == Pseudonyms(bytes(range(32))).patient("PID-1")
    assert ONE.patient("PID-1") != OTHER.patient("PID-1")
    assert ONE.patient("PID-1") != ONE.patient("PID-2")


def test_a_pseudonym_is_80_bits_of_hmac_sha256() -> None:
    assert re.fullmatch(r"p-[a-z2-7]{16}-[a-z2-7]{8}", ONE.patient("PID-1"))
    digest = hmac.digest(bytes(range(32)), b"patient\0pid-1", "sha256")
    number = int.from_bytes(digest[:10], "big")
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    said = "".join(letters[number >> (5 * place) & 31] for place in reversed(range(16)))
    assert ONE.patient("PID-1")[:-9] == f"p-{said}"


@pytest.mark.parametrize("other", ["7", " 007", "7.0", "0 0 7", "\uff17"])  # the last: full width
def test_ids_that_a_table_may_make_one_have_pseudonyms_and_days_that_are_alike(other: str) -> None:
    name, another = ONE.patient("007"), ONE.patient(other)
    assert name != another
    assert alike(name) == alike(another) != alike(ONE.patient("70"))
    assert ONE.shift("007") == ONE.shift(other) == ONE.shift_of(another)


@pytest.mark.parametrize(
    ("patient", "text"),
    [("007", "7"), ("A 1", "a1"), ("70", "70"), ("0", "0"), ("00", "0"), ("", ""), ("p-1", "p-1")],
)
def test_ids_are_alike_without_zeros_spaces_and_case(patient: str, text: str) -> None:
    assert alike(patient) == text


def test_a_study_and_a_patient_of_one_text_have_different_pseudonyms() -> None:
    assert ONE.exam("1.2.3")[2:] != ONE.patient("1.2.3")[2:]


def test_a_patient_is_shifted_by_one_to_365_days_into_the_past_so_that_intervals_stay() -> None:
    shifts = {ONE.shift(str(number)).days for number in range(2000)}
    assert min(shifts) == -365
    assert max(shifts) == -1
    days = date(2020, 1, 31), date(2020, 3, 1)
    first, second = (day + ONE.shift("PID-1") for day in days)
    assert second - first == timedelta(days=30)


def test_the_shift_is_known_from_the_pseudonym_too() -> None:
    assert ONE.shift_of(ONE.patient("PID-1")) == ONE.shift("PID-1")


def test_a_short_key_is_refused_and_a_key_is_never_shown() -> None:
    with pytest.raises(RecipeError, match="15 bytes"):
        Pseudonyms(bytes(15))
    assert "key" not in repr(ONE)


def test_a_damaged_name_has_a_pseudonym() -> None:
    assert ONE.patient("M\udcfcller") != ONE.patient("Muller")


@pytest.mark.parametrize(("age", "told"), [(None, None), (54.9, 54), (89, 89), (90, 90), (103, 90)])
def test_ages_are_whole_years_and_90_for_all_above_89(
    age: float | None, told: float | None
) -> None:
    assert told_age(age) == told


@pytest.mark.parametrize(
    ("name", "uid"), [("1.2.840.1", True), ("2.25.58", True), ("exam-1.2", False), ("0001", False)]
)
def test_a_uid_is_digits_with_dots(name: str, uid: bool) -> None:
    assert is_uid(name) is uid
