"""What the tests of whole runs share."""

from __future__ import annotations

import pytest

from support.bench import Bench, build_bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A sound exam and small weights; made once."""
    return build_bench(tmp_path_factory.mktemp("bench"))
