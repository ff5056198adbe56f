"""Heatmaps of a store's views, made by workers that share its exams; stopped, they go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from fourview.core.errors import RecipeError
from fourview.dataset.predicting.chosen_exams import ChosenExams, ExamChoice, chosen_exams
from fourview.dataset.predicting.exam_heatmaps import ExamImages, HeatmapWork, Made, make_exam
from fourview.dataset.predicting.heatmap_kind import asked_heatmaps
from fourview.inference.ensemble import resolve_device
from fourview.inference.heatmaps import expected_patches
from fourview.inference.memory import keep_freed_memory
from fourview.io.exams.files import Refused
from fourview.io.processes import in_processes
from fourview.io.store.claims import Claims
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.io.store.kind import read_kind

log = logging.getLogger(__name__)
_POLL_S = 2.0
"""How often it is looked whether other workers are done."""


@dataclass(frozen=True, kw_only=True)
class HeatmapOptions:
    """The choices of `fourview heatmaps`."""

    patch_weights: Path
    recipe: str | None = None
    """A named recipe or a TOML file, of which heatmaps and chance count; None: the weights' own."""
    settings: tuple[str, ...] = ()
    """`heatmaps.stride_px=128`, or `prediction.chance=released`."""
    seed: int = 0
    device: str = "auto"
    batch_size: int = 16
    jobs: int = 1
    """Processes on this machine."""
    stale_after_min: float = 60.0
    """After so long, an exam that another worker had taken is taken over."""

    def __post_init__(self) -> None:
        for name, value in (("batch-size", self.batch_size), ("jobs", self.jobs)):
            if value < 1:
                raise RecipeError(f"--{name} is {value}; it must be at least 1")
        if not self.stale_after_min > 0:
            raise RecipeError(f"--stale-after is {self.stale_after_min}; it must be more than 0")
        if not 0 <= self.seed < 2**32:
            raise RecipeError(f"--seed is {self.seed}; it must be from 0 to 4294967295")


@dataclass
class HeatmapResult:
    """What was done, and what was there."""

    images: int = 0
    """Of the exams asked for, refused ones too."""
    made: int = 0
    """Images, by this command."""
    patches: int = 0
    """Of these."""
    refused: list[Refused] = field(default_factory=list)
    not_in_store: tuple[str, ...] = ()
    seconds: float = 0.0
    """Without the weights' being loaded."""
    device: str = ""
    folder: str = ""
    """Where they lie, from the store's folder."""

    @property
    def there_before(self) -> int:
        """Images that an earlier run or another worker made."""
        return self.images - self.made - len(self.refused)

    @property
    def exit_code(self) -> int:
        """0 done, 1 there are none, 3 some could not be made."""
        if len(self.refused) == self.images:
            return 1
        return 3 if self.refused else 0


class HeatmapTalk(Protocol):
    """What is told while heatmaps are made."""

    def note(self, text: str) -> None:
        """Something the user should know before."""
        ...

    def at(self, done: int, total: int) -> None:
        """How many patches of how many were read; what is found made leaves the total."""
        ...


def make_store_heatmaps(
    folder: Path,
    choice: ExamChoice,
    options: HeatmapOptions,
    *,
    clock: Callable[[], float],
    now: Callable[[], float],
    sleep: Callable[[float], None],
    talk: HeatmapTalk,
) -> HeatmapResult:
    """Give each image of the exams its heatmaps, those that have them excepted.

    Any number of workers may do so at once, on any machine that sees the store: each takes exams
    that nobody has, and all end when all exams are done. Strides are drawn from the seed and the
    exam, as `inference.exam.read` draws them, whoever makes them.

    Args:
        clock: seconds, for timing.
        now: seconds since 1970, for telling how old another worker's claim is.
        sleep: waits for so many seconds.

    Raises:
        FourviewError: store, weights, recipe or exams do not fit, or the disk is full.
    """
    kind = read_kind(folder)
    device = str(resolve_device(options.device))
    asked = asked_heatmaps(
        kind, folder, options.patch_weights, options.recipe, options.settings, seed=options.seed
    )
    exams = chosen_exams(folder, choice)
    for notice in asked.notices:
        talk.note(notice)
    if exams.not_in_store:
        talk.note(f"{len(exams.not_in_store)} exams asked for have no image in the store")
    keep_freed_memory()
    heatmaps = StoredHeatmaps.begun(folder, asked.kind)
    work = HeatmapWork(
        folder,
        kind,
        heatmaps,
        options.patch_weights,
        device,
        options.batch_size,
        Claims(heatmaps.folder, now, 60 * options.stale_after_min),
    )
    result = HeatmapResult(
        images=exams.n_images,
        not_in_store=exams.not_in_store,
        device=device,
        folder=heatmaps.folder.relative_to(folder).as_posix(),
    )
    run = _Run(work, exams, options.jobs, talk, result)
    started = clock()
    try:
        run.all(sleep)
    except KeyboardInterrupt:
        work.claims.sweep()  # of processes that were ended at once
        raise
    result.seconds = clock() - started
    return result


class _Run:
    """One command's work on a store's exams."""

    def __init__(
        self,
        work: HeatmapWork,
        exams: ChosenExams,
        jobs: int,
        talk: HeatmapTalk,
        result: HeatmapResult,
    ) -> None:
        self._work, self._exams, self._jobs, self._talk = work, exams, jobs, talk
        self._result = result
        self._done = 0
        self._total = sum(map(self._patches_of, exams.images))

    def all(self, sleep: Callable[[float], None]) -> None:
        """Until every exam is done, by whomever."""
        self._tell()
        waiting = [ExamImages(exam, tuple(of)) for exam, of in self._exams.images.items()]
        has_told = False
        while waiting:
            free = [one for one in waiting if not self._work.claims.is_held(one.exam)]
            held = {one.exam for one in waiting} - {one.exam for one in free}
            held |= {made.exam for made in self._made(free) if made.is_held}
            waiting = [one for one in waiting if one.exam in held]
            if waiting and not has_told:
                left = "exam that is" if len(waiting) == 1 else f"{len(waiting)} exams that are"
                self._talk.note(f"other workers have the {left} left: waiting for them")
                has_told = True
            if waiting:
                sleep(_POLL_S)

    def _made(self, exams: Sequence[ExamImages]) -> Iterator[Made]:
        jobs = min(self._jobs, len(exams))
        on_patches = self._read if jobs <= 1 else _nobody
        work = partial(make_exam, self._work, on_patches=on_patches)
        for made in in_processes(jobs, work, exams, may_be_killed=True):
            if jobs > 1:
                self._read(made.patches)
            if not made.is_held:
                self._keep(made)
            yield made

    def _keep(self, made: Made) -> None:
        log.info("exam %s: %d images made, %d patches", made.exam, made.images, made.patches)
        self._result.made += made.images
        self._result.patches += made.patches
        self._result.refused += made.refused
        self._total -= self._patches_of(made.exam) - made.patches
        self._tell()

    def _read(self, patches: int) -> None:
        self._done += patches
        self._tell()

    def _tell(self) -> None:
        self._talk.at(self._done, self._total)

    def _patches_of(self, exam: str) -> int:
        how = self._work.heatmaps.kind.recipe
        return sum(expected_patches(shape, how) for shape in self._exams.images[exam].values())


def _nobody(_: int) -> None:
    """Tell nobody."""
