"""Which of a store's images a finding is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from fourview.core.records import FindingRecord
from fourview.core.views import View
from fourview.io.store.view import StoredView


def image_of(finding: FindingRecord, images: Sequence[StoredView]) -> StoredView | None:
    """The image of a view that a finding is in: by its path, by the file's name, by its number.

    Args:
        images: the exam's images of the finding's view.
    """
    if finding.path:
        same = [one for one in images if one.source == finding.path]
        name = PurePosixPath(finding.path.replace("\\", "/")).name
        named = same or [one for one in images if PurePosixPath(one.source).name == name]
        return named[0] if len(named) == 1 else None
    written = finding.image or finding.view.value
    called = [one for one in images if PurePosixPath(one.source).stem == written]
    if len(called) == 1:
        return called[0]
    name = _numbered(finding.view, written)
    return next((one for one in images if one.image == name), None)


def _numbered(view: View, written: str) -> str:
    """The store's name of the image that a table calls `L-CC` or `L-CC-2`."""
    number = re.search(r"[-_ ]([0-9]+)$", written)
    n = int(number[1]) if number else 1
    return view.value if n == 1 else f"{view.value}_{n}"
