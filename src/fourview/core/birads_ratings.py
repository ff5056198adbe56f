"""BI-RADS categories as ordered ratings.

Y. Jiang, C. E. Metz, Radiology 256 (2010) 29, argue that BI-RADS data should not be used to
estimate ROC curves of screening: the categories are decisions, not degrees of one suspicion.
Probabilities are better where a study can ask for them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import TableError

ORDER = ("1", "2", "3", "4", "4a", "4b", "4c", "5")
"""From least to most suspicious; 4 itself stands where 4a to 4c are not told apart."""


def birads_ranks(
    categories: Sequence[str | None], *, zero_above: str | None = None
) -> NDArray[np.float64]:
    """The categories as numbers, of which only the order counts.

    Args:
        categories: As in ORDER, 4A like 4a; `0`; None or nothing where there is none.
        zero_above: The category just above which 0 (more images are needed) stands: no rule says
            where, so it must be stated. In screening, where 3 to 5 follow a recall, it is often
            put above 3.
    Returns:
        `(N,)`; NaN where there is none.
    Raises:
        TableError: a category that is none, a 6 (the cancer was known), a 0 with no place stated,
            or 4 beside 4a to 4c.
    """
    told = [(category or "").strip().lower() for category in categories]
    kinds = set(told) - {""}
    ranks = {category: float(rank) for rank, category in enumerate(ORDER, start=1)}
    if zero_above is not None:
        above = zero_above.strip().lower()
        if above not in ranks:
            raise ValueError(f"0 above {zero_above!r}; expected one of {', '.join(ORDER)}")
        ranks["0"] = ranks[above] + 0.5
    if unknown := sorted(kinds - set(ranks) - {"0"}):
        raise TableError(
            f"BI-RADS category {', '.join(map(repr, unknown[:5]))}; "
            f"expected 0 or one of {', '.join(ORDER)}",
            hint="6 is a cancer that was known: such a reading is no test of the reader",
        )
    if "0" in kinds - set(ranks):
        raise TableError(
            "BI-RADS 0 has no place among the others",
            hint="state the category just above which it stands, 3 for example",
        )
    if "4" in kinds and kinds & {"4a", "4b", "4c"}:
        raise TableError(
            "BI-RADS 4 stands beside 4a, 4b or 4c, which has no order",
            hint="use 4 for all of them",
        )
    return np.array([ranks.get(category, np.nan) for category in told], dtype=np.float64)
