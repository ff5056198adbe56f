"""What findings.csv marks in the images of a store, on their prepared views.

Findings of one class that share a mask cannot be told apart there: they are one lesion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import FourviewError, ImageError
from fourview.core.records import FindingRecord, Pathology, Problem
from fourview.core.views import Finding
from fourview.imaging.mask_alignment import place_mask
from fourview.io.finding_table import FindingTable, read_finding_table
from fourview.io.masks import COLOURS, VALUES, merged, read_mask
from fourview.io.store import Store, StoredView
from fourview.io.store.finding_image import image_of

FINDINGS = (Finding.MALIGNANT, Finding.BENIGN)
CLASSES: dict[Finding, tuple[Pathology, ...]] = {
    Finding.MALIGNANT: (Pathology.MALIGNANT,),
    Finding.BENIGN: (Pathology.BENIGN, Pathology.HIGH_RISK),
}
"""What counts as which finding: benign is green or yellow (SI, Figures S4 to S12)."""
NOT_TOLD, SEVERAL = "not told", "several types"


@dataclass(frozen=True)
class Lesion:
    """What is marked in one class of one mask."""

    findings: tuple[str, ...]
    """Names of the findings that it is: more than one where they share mask and class."""
    pathology: Pathology
    type: str
    """`mass`, …; `not told`; `several types` of findings that cannot be told apart."""
    mask: str
    """As written in findings.csv."""


@dataclass(frozen=True, eq=False)
class MarkedImage:
    """One stored image with what a table says of it."""

    view: StoredView
    lesions: tuple[Lesion, ...] = ()
    occult: tuple[FindingRecord, ...] = ()
    """Findings that are not to be seen in it."""
    unplaced: tuple[FindingRecord, ...] = ()
    """Findings that are seen in it, nobody knows where."""

    def hides(self, finding: Finding) -> bool:
        """Whether it has a finding of the kind whose place is not known: a mark there is neither
        right nor wrong."""
        return any(one.pathology in CLASSES[finding] for one in (*self.occult, *self.unplaced))

    def of(self, finding: Finding) -> tuple[Lesion, ...]:
        """Its lesions of a finding."""
        return tuple(one for one in self.lesions if one.pathology in CLASSES[finding])


@dataclass
class MarkedImages:
    """The images of exams in a store, with the table that says what is in them."""

    store: Store
    table: FindingTable
    problems: list[Problem] = field(default_factory=list)
    """What was found wrong: rows of the table, and findings of images that are not there."""
    _by_exam: dict[str, list[FindingRecord]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.problems += self.table.problems
        self._by_exam = defaultdict(list)
        for one in self.table.findings:
            self._by_exam[one.exam].append(one)

    @classmethod
    def open(cls, store: Path, findings: Path) -> MarkedImages:
        """Of a store's folder and a findings table.

        Raises:
            TableError: the folder is no finished store; the table cannot be read.
        """
        return cls(Store.open(store), read_finding_table(findings))

    def of_exam(self, exam: str) -> Iterator[MarkedImage]:
        """Every image of an exam; a finding of an image that the store lacks is a problem.

        Raises:
            TableError: the store has no such exam.
            ImageError: a sidecar is damaged.
        """
        views = self.store.views(exam)
        rows: dict[str, list[FindingRecord]] = defaultdict(list)
        for one in self._by_exam.get(exam, ()):
            image = image_of(one, views.of(one.view))
            if image is None:
                what = f"exam {exam}: the store has no image {one.image or one.view.value}"
                self.problems.append(Problem(one.place, what, "it was left out or refused there"))
            else:
                rows[image.image].append(one)
        for images in views:
            for view in images:
                yield _marked(view, rows[view.image])

    def without_exam(self, exams: Sequence[str]) -> list[str]:
        """Those of the exams that have findings and are not in the store."""
        return [exam for exam in exams if exam in self._by_exam and exam not in self.store]

    def told(self, error: FourviewError) -> str:
        """What an error says, with files called as they lie in the store: results tell no path of
        the machine that made them."""
        return error.problem.replace(f"{self.store.folder}/", "")

    def areas(self, image: MarkedImage) -> list[NDArray[np.bool_]]:
        """Of each lesion of an image, its pixels on the prepared view; none where the crop lost it.

        Raises:
            ImageError: a mask is not there, is damaged, of another size than the source image, or
                marks nothing of the lesion's class.
        """
        masks = {name: self._mask(name, image) for name in {one.mask for one in image.lesions}}
        found = []
        for one in image.lesions:
            area, marks_any = masks[one.mask][one.pathology]
            if not marks_any:
                raise ImageError(
                    f"exam {image.view.exam}, {image.view.image}: mask {one.mask} has nothing in "
                    f"{COLOURS[one.pathology]}; its row says {one.pathology.value}",
                    hint="mend the class in the table, or the mask's colour",
                )
            found.append(area)
        return found

    def colours(self, image: MarkedImage) -> NDArray[np.uint8]:
        """What is marked in an image as one mask of its prepared view, values 0 to 3.

        Raises:
            ImageError: as `areas`.
        """
        named = [one.pathology for one in image.lesions]
        return merged(image.view.shape, zip(named, self.areas(image), strict=True))[0]

    def _mask(
        self, name: str, image: MarkedImage
    ) -> dict[Pathology, tuple[NDArray[np.bool_], bool]]:
        """By class, the pixels on the prepared view, and whether the mask has any at all."""
        view = image.view
        try:
            whole = read_mask(self.table.path.parent / name)
            placed = place_mask(whole, view.placement)
        except (FourviewError, ValueError) as error:
            raise ImageError(
                f"exam {view.exam}, {view.image}: mask {name}: {error}",
                hint="a mask has the size of its source image, as the store was prepared from it",
            ) from error
        there = set(np.unique(whole).tolist())
        return {what: (placed == value, value in there) for what, value in VALUES.items()}


def _marked(view: StoredView, rows: Sequence[FindingRecord]) -> MarkedImage:
    together: dict[tuple[str, Pathology], list[FindingRecord]] = defaultdict(list)
    for one in rows:
        if one.mask:
            together[one.mask, one.pathology].append(one)
    return MarkedImage(
        view=view,
        lesions=tuple(
            Lesion(tuple(one.finding for one in some), pathology, _type(some), mask)
            for (mask, pathology), some in together.items()
        ),
        occult=tuple(one for one in rows if one.occult),
        unplaced=tuple(one for one in rows if not (one.occult or one.mask)),
    )


def _type(findings: Sequence[FindingRecord]) -> str:
    types = {one.type or NOT_TOLD for one in findings}
    return types.pop() if len(types) == 1 else SEVERAL
