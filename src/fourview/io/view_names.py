"""The view that a file's name tells: `0_L-CC.png`, `exam7-LMLO.tif`, `RCC_2.png`, `left_cc`."""

from __future__ import annotations

import re
from typing import NamedTuple

from fourview.core.views import Laterality, View

# A side and a position, apart from other letters: LXCCL, L-ML and LEFT_CCID are no screening view.
_VIEW = re.compile(r"(?<![^\W\d_])(left|right|l|r)[-_ .]*(cc|mlo)(?![^\W\d_])", flags=re.IGNORECASE)
_EXTENSION = re.compile(r"\.(png|tiff?|dcm|dicom)$", flags=re.IGNORECASE)
_DRAWN = {"mask", "masks", "roi", "heatmap", "overlay", "segmentation"}
"""Words of pictures that are made of a mammogram and lie beside it."""
_SPECIAL = {"benign", "malignant", "spot", "mag", "magnification", "ml", "lm", "xccl"}
"""Words that, after the view, mean a heatmap or another projection."""
_SEPARATORS = "-_ ."


class NamedView(NamedTuple):
    """What a file's name tells."""

    view: View
    exam: str
    """What stands before the view, without separators: `exam7`, or nothing."""


def view_from_name(name: str) -> NamedView | None:
    """The view that a file's name tells, or None where it tells none, or two."""
    stem = _EXTENSION.sub("", re.split(r"[/\\]", name)[-1])
    found = list(_VIEW.finditer(stem))
    if len(found) != 1:
        return None
    before, after = stem[: found[0].start()], stem[found[0].end() :]
    if _words(before + " " + after) & _DRAWN or _words(after) & _SPECIAL:
        return None
    return NamedView(_view(found[0]), before.strip(_SEPARATORS))


def view_from_text(text: str) -> View | None:
    """The view that a table's cell or an option names: `L-CC`, also `LCC` or `left cc`."""
    found = _VIEW.fullmatch(text.strip())
    return _view(found) if found else None


def _view(found: re.Match[str]) -> View:
    return View.of(Laterality(found[1][0].upper()), found[2].upper())


def _words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}
