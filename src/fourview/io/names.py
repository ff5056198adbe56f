"""What an exam may be called: its name becomes a folder and a cell of a table."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

_MOST_BYTES = 200
_FORMULA = ("=", "+", "-", "@")
NAME_HINT = "name the exam with letters, digits, dots, dashes and underscores"


def wrong_exam_name(name: str) -> str:
    """What is wrong with `name` as an exam's name, for a sentence; empty where nothing is."""
    if not name:
        return "is empty"
    if name in (".", ".."):
        return "is a way through folders"
    if any(sign in name for sign in "/\\:"):
        return "holds a path separator"
    if any(unicodedata.category(sign).startswith("C") for sign in name):
        return "holds control or invisible characters"
    if name != name.strip():
        return "begins or ends with a space"
    if name.startswith(_FORMULA):
        return f"starts with {name[0]!r}, which a spreadsheet takes for a formula"
    if len(name.encode()) > _MOST_BYTES:
        return f"is longer than {_MOST_BYTES} bytes"
    return ""


def shown(text: str) -> str:
    """`text` fit for a line of a message or a table: a damaged or control character becomes �."""
    return "".join("�" if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts `exam10` after `exam9`, and the same everywhere."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)


def source_name(path: PurePath, root: PurePath) -> str:
    """What a file is called in results: its way from `root`, or its bare name from elsewhere."""
    inside = path.relative_to(root) if path.is_relative_to(root) else PurePath(path.name)
    return shown(inside.as_posix())
