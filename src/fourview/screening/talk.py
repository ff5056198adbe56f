"""What a screening tells while it works. The default says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Talk:
    """Override what you want to hear."""

    def note(self, text: str) -> None:
        """Something the user should know before results are there."""

    def device(self, name: str) -> None:
        """Where the networks run."""

    def found(self, exams: int, refused: int, set_aside: int) -> None:
        """How much there is to do."""

    @contextmanager
    def exam(self, name: str, patches: int) -> Iterator[None]:
        """While an exam is read; `patches` is what the patch classifier will read, 0 without it."""
        del name, patches
        yield

    def patches(self, n: int) -> None:
        """So many more patches were read."""
