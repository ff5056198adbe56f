"""Numbers as the texts of a page's cells."""

from __future__ import annotations

import math
from collections.abc import Iterable

NOT_DEFINED = "not defined"
_TIED = "\N{NO-BREAK SPACE}"
_MANY = 4
"""Names, all of a table's, for which "all" stands."""


def number(value: float, digits: int = 3) -> str:
    return NOT_DEFINED if math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def with_interval(value: float, low: float, high: float, digits: int = 3) -> str:
    """`0.895 (0.871 to 0.917)`, to be broken before the bracket only; the number alone where its
    interval is not defined."""
    if math.isnan(low) or math.isnan(high):
        return number(value, digits)
    return f"{number(value, digits)} ({number(low, digits)}{_TIED}to{_TIED}{number(high, digits)})"


def signed(value: float, digits: int = 3) -> str:
    if math.isnan(value):
        return NOT_DEFINED
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def signed_interval(low: float, high: float, digits: int = 3) -> str:
    if math.isnan(low) or math.isnan(high):
        return NOT_DEFINED
    return f"{signed(low, digits)}{_TIED}to{_TIED}{signed(high, digits)}"


def with_sd(mean: float, sd: float) -> str:
    """`0.827 ± 0.008`, as the paper's tables have it; the number alone of one network."""
    return number(mean) if math.isnan(sd) else f"{number(mean)}{_TIED}±{_TIED}{number(sd)}"


def p_value(value: float) -> str:
    if math.isnan(value):
        return NOT_DEFINED
    return f"{value:.4f}" if value >= 0.001 else f"{value:.1e}".replace("-", "−")


def threshold(value: float) -> str:
    """Four digits that count."""
    if math.isnan(value):
        return NOT_DEFINED
    return "none is recalled" if math.isinf(value) else f"{value:.4g}"


def remarks(rows: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Each part of a remark once, with all that it is of; with "all" where that is a long table."""
    of: dict[str, list[str]] = {}
    told = list(rows)
    for name, said in told:
        for part in filter(None, said.split("; ")):
            of.setdefault(part, []).append(name)
    whole = len(told) if len({name for name, _ in told}) >= _MANY else 0
    return tuple(
        f"{'all' if len(names) == whole else '; '.join(dict.fromkeys(names))}: {said}."
        for said, names in of.items()
    )
