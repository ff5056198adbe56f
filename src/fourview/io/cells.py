"""The cells of a table: views, dates, numbers, spacings, each refused with a reason."""

from __future__ import annotations

import math
from datetime import date, datetime

from fourview.core.errors import TableError
from fourview.core.views import Facing, View
from fourview.io.names import shown
from fourview.io.view_names import view_from_text

_VIEWS = ", ".join(view.value for view in View)
_MOST_MM = 10.0  # a screening image scaled to a hundredth is still below this
_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d")
_EARLIEST = 1900


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
    try:
        numbers = [float(part) for part in text.split("\\")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(
        math.isfinite(number) and 0 < number < _MOST_MM for number in numbers
    ):
        raise TableError(
            f"pixel_spacing_mm is {shown(text)!r}; expected millimetres, as 0.07 or 0.07\\0.07"
        )
    return numbers[0], numbers[-1]


def date_cell(text: str, column: str) -> date | None:
    """A day, year first; None for an empty cell. A time of day after it is left out.

    Day and month alone cannot tell their order, so `03/04/2019` is refused.
    """
    if not text:
        return None
    day = text.replace("T", " ").split(" ")[0]
    for form in _DATES:
        try:
            found = datetime.strptime(day, form).date()
        except ValueError:
            continue
        if found.year >= _EARLIEST:
            return found
        break
    raise TableError(
        f"{column} is {shown(text)!r}; expected a date as 2019-03-31",
        hint="write dates year first: 2019-03-31 or 20190331",
    )


def number_cell(text: str, column: str, *, least: float, most: float) -> float | None:
    """A number within bounds; None for an empty cell."""
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
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
