"""Which images make one exam, and what it is called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fourview.io.exams.files import Candidate, ImageFile
from fourview.io.header import ImageHeader
from fourview.io.view_names import view_from_name

TABLES = (".csv", ".parquet")
"""Extensions of manifests."""
Key = tuple[str, str, str | None]
"""How the exam is known, where it stands, and what tells it from others there."""


@dataclass
class Group:
    """The images of one exam while they are collected."""

    key: Key
    images: list[ImageFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_listed(self) -> bool:
        return self.key[0] == "list"

    @property
    def is_study(self) -> bool:
        return self.key[0] == "study"

    @property
    def base_name(self) -> str:
        """What the exam is called where no other is called so."""
        kind, place, own = self.key
        if kind == "study":
            return place
        return own or Path(place).name or "exam"

    @property
    def is_fixed(self) -> bool:
        """Whether the name is told by a table or header, and joins others: it is never changed."""
        return self.is_study or (self.is_listed and Path(self.key[1]).suffix.lower() in TABLES)

    @property
    def outer_names(self) -> tuple[str, ...]:
        """Names of the folders (or of the list) around the exam, the nearest last."""
        kind, place, own = self.key
        path = Path(place)
        if kind == "list":
            path = path.with_suffix("")
        parts = path.parts[1:] if path.anchor else path.parts
        return parts if own else parts[:-1]


def key_of(candidate: Candidate, header: ImageHeader | None, exam_by: str) -> Key | None:
    """What tells a file's exam; None where nothing does. Without a header (the file could not be
    read) only a list and the names of files and folders can tell."""
    # a linked folder keeps the name of its link, so the path is not resolved
    folder = os.path.abspath(candidate.path.parent)  # noqa: PTH100
    if candidate.listing is not None:
        return ("list", os.path.abspath(candidate.listing), candidate.exam)  # noqa: PTH100
    if exam_by == "folder":
        return ("folder", folder, "")
    if header is not None and header.study:
        return ("study", header.study, "")
    told = view_from_name(candidate.path.name)
    if header is None:
        return ("name", folder, told.exam) if told else None
    return ("name", folder, told.exam if told else None)


def settle_nameless(keys: Iterable[Key | None]) -> dict[Key, Key]:
    """A key for each that is told by its folder only (the caller named the view, the file's name
    does not): that of the only exam there, or the folder's own."""
    told: dict[str, set[Key]] = {}
    nameless = []
    for key in keys:
        if key is not None and key[0] == "name":
            if key[2] is None:
                nameless.append(key)
            else:
                told.setdefault(key[1], set()).add(key)
    settled = {}
    for key in nameless:
        others = told.get(key[1], set())
        settled[key] = next(iter(others)) if len(others) == 1 else ("name", key[1], "")
    return settled


def exam_names(groups: Sequence[Group]) -> Mapping[Key, str]:
    """A different name for each exam, as far as they may be changed.

    Exams of one name are told apart by the folders around them: `a-0` and `b-0`.
    """
    alike: dict[str, list[Group]] = {}
    for group in groups:
        alike.setdefault(group.base_name.casefold(), []).append(group)
    names = {group.key: group.base_name for group in groups}
    for same in alike.values():
        free = [group for group in same if not group.is_fixed]
        if len(same) == 1 or not free:
            continue
        taken = {name.casefold() for key, name in names.items() if key not in {g.key for g in free}}
        names.update(zip((g.key for g in free), _apart(free, taken), strict=True))
    return names


def _apart(groups: Sequence[Group], taken: set[str]) -> list[str]:
    deepest = max(len(group.outer_names) for group in groups)
    for depth in range(1, deepest + 1):
        names = ["-".join([*g.outer_names[-depth:], g.base_name]) for g in groups]
        folded = {name.casefold() for name in names}
        if len(folded) == len(names) and not folded & taken:
            return names
    return [f"{group.base_name}-{number}" for number, group in enumerate(groups, start=1)]
