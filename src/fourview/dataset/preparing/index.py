"""The rows of a store's views.csv, and what they sum to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fourview.core.errors import OutputError
from fourview.core.records import REFUSED
from fourview.dataset.preparing.images import TableImage, TablePlan, source_of
from fourview.io.exams.files import Refused
from fourview.io.store.kind import StoreKind
from fourview.io.store.view import StoredView
from fourview.io.store.writing import index_row, remove_view, whole_view

Row = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Warned:
    """A warning, and whom it is of."""

    warning: str
    first: str
    """Exam and image of the first view in the table that has it."""
    views: int


class StoreIndex:
    """A row for each of the exam table's, in its order; the sums stand when all were given."""

    def __init__(
        self, out: Path, kind: StoreKind, plan: TablePlan, refused: Mapping[int, Refused]
    ) -> None:
        self.refused = dict(refused)
        """By row number; grows by images of two views that are the same."""
        self.views = 0
        self.stored_bytes = 0
        self.pixel_bytes = 0
        self.source_bytes = 0
        self.warned_views = 0
        self._warned: dict[str, Warned] = {}
        self._out, self._kind, self._plan = out, kind, plan

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Each text once, as they come in the table."""
        return tuple(self._warned.values())

    def rows(self) -> Iterator[Row]:
        """What is in the store, what was refused, and what the table itself leaves out."""
        rows: dict[int, Row] = {}
        for images in self._plan.exams.values():
            rows.update(self._rows_of_exam(images))
        for number, record in enumerate(self._plan.rows):
            if number in rows:
                yield rows[number]
                continue
            refused = self.refused.get(number)
            yield {
                "exam": record.exam,
                "view": record.view.value if record.view else "",
                "status": REFUSED if refused else record.status,
                "reason": refused.reason if refused else record.reason,
                "source": source_of(record.path),
            }

    def _rows_of_exam(self, images: Sequence[TableImage]) -> Iterator[tuple[int, Row]]:
        found = {
            image.number: self._stored(image)
            for image in images
            if image.number not in self.refused
        }
        for number, view in found.items():
            if alike := _same_image(view, found.values()):
                remove_view(self._out, view.exam, view.image)
                self.refused[number] = Refused(
                    view.source,
                    f"the same image as {alike.view.value}, {alike.source}",
                    "give each view its own image",
                )
                continue
            self.views += 1
            self.stored_bytes += view.bytes
            self.pixel_bytes += 2 * view.shape[0] * view.shape[1]
            self.source_bytes += view.source_bytes
            self._count_warnings(view)
            yield number, index_row(view)

    def _count_warnings(self, view: StoredView) -> None:
        self.warned_views += bool(view.warnings)
        for text in dict.fromkeys(view.warnings):
            before = self._warned.get(text, Warned(text, f"{view.exam}/{view.image}", 0))
            self._warned[text] = replace(before, views=before.views + 1)

    def _stored(self, image: TableImage) -> StoredView:
        view = whole_view(self._out, self._kind, image.exam, image.image)
        if view is None:
            raise OutputError(
                f"{self._out}: {image.exam}/{image.image} was taken away meanwhile",
                hint="run it again",
            )
        return view


def _same_image(view: StoredView, others: Iterable[StoredView]) -> StoredView | None:
    """Another view of the exam with the same pixels: one of the two is named wrongly."""
    for other in others:
        if other.view is not view.view and other.pixels_sha256 == view.pixels_sha256:
            return other
    return None
