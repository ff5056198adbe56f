"""The cells of a table: views, dates, numbers, spacings, each refused with a reason."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import date

from fourview.core.errors import TableError
from fourview.core.views import Facing, View
from fourview.io.names import shown
from fourview.io.view_names import view_from_text

_VIEWS = ", ".join(view.value for view in View)
_MOST_MM = 10.0  # a screening image scaled to a hundredth is still below this
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?P<between>[-/.]?)(?P<month>[0-9]{2})(?P=between)(?P<day>[0-9]{2})"
    r"([T ](?:[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
    r" ?(Z|UTC|[-+][0-9]{2}:?[0-9]{2})?)?"
)
"""A day of eight digits, year first; after it nothing but a time of day."""
_EARLIEST = 1900
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def view_cell(text: str) -> View | None:
    """The view that is written; None for an empty cell."""
    if not text:
        return None
    view = view_from_text(text)
    if view is None:
        raise TableError(
            f"the view is {shown(text)!r}; expected {_VIEWS}",
            hint="it may be empty for a DICOM file whose header tells",
        )
    return view


def facing_cell(text: str) -> Facing | None:
    """Where the nipple points; None for an empty cell."""
    try:
        return Facing(text.casefold()) if text else None
    except ValueError:
        raise TableError(f"facing is {shown(text)!r}; it may be left, right or empty") from None


def spacing_cell(text: str) -> tuple[float, float] | None:
    r"""Between rows, between columns: one number for both, or two with a backslash."""
    if not text:
        return None
    numbers = [number_in(part.strip()) for part in text.split("\\")]
    if len(numbers) not in (1, 2) or not all(
        math.isfinite(number) and 0 < number < _MOST_MM for number in numbers
    ):
        raise TableError(
            f"pixel_spacing_mm is {shown(text)!r}; expected millimetres, as 0.07 or 0.07\\0.07"
        )
    return numbers[0], numbers[-1]


def date_cell(text: str, column: str) -> date | None:
    """A day, year first; None for an empty cell. A time of day after it is left out.

    Day and month alone cannot tell their order, so `03/04/2019` is refused; so are `2019111`, which
    may be of January or of November, and two days, as `2019-04-01 - 2019-09-01`.
    """
    if not text:
        return None
    written = _DATE.fullmatch(text)
    if written and int(written["year"]) >= _EARLIEST:
        with suppress(ValueError):  # the 30th of February
            return date(int(written["year"]), int(written["month"]), int(written["day"]))
    raise TableError(
        f"{column} is {shown(text)!r}; expected a date as 2019-03-31",
        hint="write dates year first: 2019-03-31 or 20190331",
    )


def number_in(text: str) -> float:
    """The number that is written in plain digits, as 0.5, .5 or 5e-1; NaN where none is.

    Python takes more for numbers than tables mean: `0_5` would be 5, and `١`, `inf` or `nan` too.
    """
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def number_cell(text: str, column: str, *, least: float, most: float) -> float | None:
    """A number within bounds; None for an empty cell."""
    if not text:
        return None
    number = number_in(text)
    if not least <= number <= most:
        raise TableError(f"{column} is {shown(text)!r}; expected a number, {least:g} to {most:g}")
    return number


def whole_cell(text: str, column: str, *, least: int, most: int) -> int | None:
    """A whole number within bounds (`4.0` is one); None for an empty cell."""
    number = number_cell(text, column, least=least, most=most)
    if number is None:
        return None
    if number != int(number):
        raise TableError(f"{column} is {shown(text)!r}; expected a whole number")
    return int(number)
