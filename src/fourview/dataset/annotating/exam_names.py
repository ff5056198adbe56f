"""Which exam an annotation names: in a table's cell, as a mask's folder, in a mask's file name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from fourview.cohort.pseudonyms import Pseudonyms, is_uid
from fourview.core.views import View

_MASK_WORDS = ("_mask", "-mask", "_seg", "-seg")
_WITH_VIEW = re.compile(r"(?:(?P<exam>.+)[_-])?(?P<view>[LR]-(?:CC|MLO))(?:-[0-9]+)?")
_WITH_UID = re.compile(r"(?P<uid>[0-9.]+)(?P<rest>[_-].+)")


class ExamNames:
    """The names that an exam table's exams go by, used ones and others."""

    def __init__(self, exams: Iterable[str], pseudonyms: Pseudonyms | None = None) -> None:
        self._known = frozenset(exams)
        self._pseudonyms = pseudonyms

    def __contains__(self, exam: str) -> bool:
        return exam in self._known

    def meant(self, told: str) -> str:
        """An exam's name as the exam table has it: with a key, a Study UID's pseudonym."""
        if self._pseudonyms is None or told in self._known or not is_uid(told):
            return told
        return self._pseudonyms.exam(told)

    def folder_of(self, inside: PurePath) -> str:
        """What a mask's own folder is called, or its pseudonym; empty where it has none.

        Args:
            inside: the file's way from the source that was given. Folders above that are the
                user's own order, and a folder between is another's: neither names an exam.
        """
        return self.meant(inside.parent.name)

    def stems_of(self, inside: PurePath) -> tuple[str, str]:
        """A mask's name without its ending and `_mask`; and the same with a pseudonym in place of a
        Study UID that it begins with."""
        stem = inside.stem
        for word in _MASK_WORDS:
            stem = stem.removesuffix(word)
        found = _WITH_UID.fullmatch(stem)
        return stem, self.meant(found["uid"]) + found["rest"] if found else stem

    def told_by(self, inside: PurePath) -> tuple[str, View | None]:
        """Of a mask that belongs to no image: the exam and view that it tells all the same.

        The exam is empty where none of the table is told, or folder and name tell different ones.
        """
        found = _WITH_VIEW.fullmatch(self.stems_of(inside)[1])
        view = View(found["view"]) if found else None
        told = {self.folder_of(inside), (found["exam"] or "") if found else ""} & self._known
        return (told.pop() if len(told) == 1 else ""), view
