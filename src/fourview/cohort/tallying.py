"""Counts of names, each also by the split of its exam."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fourview.core.description import NO_SPLIT, Count, Tally
from fourview.core.records import SPLITS

NOT_TOLD = "not told"
_MOST_ROWS = 16


class Counting:
    """Counts names, each also by the split of its exam."""

    def __init__(self, split_of: Mapping[str, str]) -> None:
        self._split_of = split_of

    def tally(
        self,
        key: str,
        title: str,
        unit: str,
        named: Iterable[tuple[str, str]],
        *,
        order: Sequence[str] | None = None,
        note: str = "",
    ) -> Tally:
        """A tally of (name, exam) pairs.

        Args:
            order: names in their order, which stand there even if there are none of them; others
                come after it. None: the commonest first, rare ones summed up in the last row.
        """
        by_name: dict[str, Counter[str]] = {name: Counter() for name in order or ()}
        for name, exam in named:
            by_name.setdefault(name, Counter())[self._split_of.get(exam, NO_SPLIT)] += 1
        if order is None:
            by_name = _commonest(by_name)
        counts = (
            Count(name, counted.total(), self._parts(counted)) for name, counted in by_name.items()
        )
        return Tally(key, title, unit, tuple(counts), note)

    def _parts(self, counted: Counter[str]) -> dict[str, int]:
        if not self._split_of:
            return {}
        return {name: counted[name] for name in (*SPLITS, NO_SPLIT) if counted[name]}


def _commonest(by_name: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    ordered = sorted(by_name, key=lambda name: (name == NOT_TOLD, -by_name[name].total(), name))
    if len(ordered) <= _MOST_ROWS:
        return {name: by_name[name] for name in ordered}
    rare = [name for name in ordered[_MOST_ROWS - 2 :] if name != NOT_TOLD]
    kept = [name for name in ordered if name not in rare]
    rest: Counter[str] = Counter()
    for name in rare:
        rest += by_name[name]
    return {
        **{name: by_name[name] for name in kept if name != NOT_TOLD},
        f"{len(rare)} others": rest,
        **({NOT_TOLD: by_name[NOT_TOLD]} if NOT_TOLD in kept else {}),
    }
