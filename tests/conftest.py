"""Where tests find data that is not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder beside the checkout with real mammograms and released numbers."""
    default = Path(__file__).parents[1] / ".." / "shared"
    folder = Path(os.environ.get("FOURVIEW_DATA", default)).resolve()
    if not (folder / "data").is_dir():
        pytest.skip(f"no data folder at {folder}; set FOURVIEW_DATA to it")
    return folder


@pytest.fixture(scope="session")
def parity(shared_data: Path) -> Path:
    """Numbers that the released pipeline gave on real mammograms with random weights."""
    return shared_data / "parity"
