"""Breast-level predictions of a store's exams; stopped, they go on where they were."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourview.core.errors import ExamError, ImageError, RecipeError
from fourview.dataset.predicting.chosen_exams import ChosenExams, ExamChoice, chosen_exams
from fourview.dataset.predicting.found_heatmaps import found_heatmaps, require_all
from fourview.dataset.predicting.results import PredictResult, write_results
from fourview.dataset.predicting.stored_exam import (
    Inputs,
    StoredViews,
    images_to_list,
    pixels_of,
    read_inputs,
)
from fourview.inference.ensemble import (
    UNTRAINED_NOTICE,
    LoadedWeights,
    ReadingOptions,
    load_members,
    recipe_notices,
    resolve_device,
)
from fourview.inference.exam import Clock, Member, exam_prediction
from fourview.inference.memory import keep_freed_memory
from fourview.inference.predict import predict, require_readable
from fourview.inference.run_facts import peak_memory_mb, reading_facts, software_facts
from fourview.io.checkpoint import file_sha256
from fourview.io.exams.files import Refused
from fourview.io.prediction_journal import PredictionJournal
from fourview.io.results import prediction_to_dict
from fourview.io.store import Store, StoreKind
from fourview.io.store.heatmaps import StoredHeatmaps

Progress = Callable[[int, int], None]


def predict_store(
    folder: Path,
    out: Path,
    choice: ExamChoice,
    options: ReadingOptions,
    *,
    clock: Clock,
    made: str | None = None,
    on_note: Callable[[str], None] = lambda _: None,
    on_progress: Progress = lambda _done, _all: None,
) -> PredictResult:
    """Predict the exams of a store: the numbers that screening the same images gives.

    Writes predictions.csv, predictions.json and run.json when all are done; until then, and for a
    later run that goes on, finished exams are in predictions.jsonl. hidden.npz, where the options
    ask for it, is of the first network.

    Args:
        clock: gives seconds, for timing stages.
        made: when, as run.json shall say it.

    Raises:
        FourviewError: before any work, where store, weights, heatmaps and exams do not fit; or
            the disk is full.
    """
    if not options.weights:
        raise RecipeError("no breast-level weights were given", hint="name some: --weights")
    start = clock()
    store = Store.open(folder)
    exams = chosen_exams(folder, choice)
    run = _Run(store, options)
    run.result.seconds["load_weights"] = clock() - start
    for notice in run.result.notices:
        on_note(notice)
    keep_freed_memory()
    with PredictionJournal(out, run.about()) as journal:
        todo = run.plan(exams, journal)
        total = len(run.result.exams)
        run.result.done_before = before = total - len(todo)
        on_progress(before, total)
        with closing(run.read_ahead(todo, clock)) as coming:
            for done, (exam, read) in enumerate(coming, start=before + 1):
                run.one(exam, read, journal, clock)
                on_progress(done, total)
        write_results(out, journal, run.result, run.facts(made), hidden=options.hidden)
    return run.result


@dataclass(frozen=True, eq=False)
class _ReadExam:
    """An exam in memory."""

    views: StoredViews
    inputs: dict[str | None, Inputs]
    """By the key of the heatmaps with which they were read."""
    seconds: float


class _Run:
    """The networks, what they read, and what comes of it."""

    def __init__(self, store: Store, options: ReadingOptions) -> None:
        device = resolve_device(options.device)
        self.store, self.seed, self.keeps_hidden = store, options.seed, options.hidden
        self._key = options.heatmaps
        loaded = load_members(options, device)
        self.members: list[Member] = [member for member, _ in loaded]
        self.weights: list[LoadedWeights] = [weights for _, weights in loaded]
        patches = "" if options.patch_weights is None else file_sha256(options.patch_weights)
        self.heatmaps = [self._heatmaps(member, patches) for member in self.members]
        self.result = PredictResult(device=str(device))
        self.result.notices = tuple(dict.fromkeys(self._notices()))

    def _heatmaps(self, member: Member, patches: str) -> StoredHeatmaps | None:
        """Those that a member reads. Raises RecipeError where it reads other views than these."""
        kind, folder = self.store.kind, self.store.folder
        kind.check(StoreKind(member.recipe, kind.store), folder)
        if not member.reader.info.uses_heatmaps:
            return None
        return found_heatmaps(
            folder, kind.key, member, patch_weights=patches, seed=self.seed, key=self._key
        )

    def _notices(self) -> list[str]:
        notices = [] if all(one.info.trained for one in self.weights) else [UNTRAINED_NOTICE]
        for member, weights, heatmaps in zip(
            self.members, self.weights, self.heatmaps, strict=True
        ):
            notices += recipe_notices(weights.info, member.recipe)
            if heatmaps is not None and heatmaps.kind.seed != self.seed:
                notices.append(
                    f"heatmaps were made with seed {heatmaps.kind.seed}; windows are drawn with "
                    f"{self.seed}"
                )
        if len(self.members) > 1 and self.keeps_hidden:
            name = self.weights[0].info.name
            notices.append(f"hidden.npz holds the activations of {name} alone.")
        return notices

    def about(self) -> Mapping[str, Any]:
        """All that moves a number."""
        return {
            "store": self.store.kind.key,
            "weights": [weights.sha256 for weights in self.weights],
            "recipe": {
                str(number): {**member.recipe.to_dict(), "name": ""}
                for number, member in enumerate(self.members, start=1)
            },
            "seed": self.seed,
            "heatmaps": [one.kind.key if one else None for one in self.heatmaps],
            **({"hidden": True} if self.keeps_hidden else {}),
        }

    def plan(self, exams: ChosenExams, journal: PredictionJournal) -> list[str]:
        """The exams that are still to be predicted; what can be is listed, and what cannot.

        Raises:
            TableError: images have no heatmaps.
        """
        for exam in exams.not_in_store:
            self._refuse(exam, ExamError("the store has no image of it"))
        todo, missing = [], []
        for exam in exams.images:
            try:
                views = self.store.views(exam)
                present = tuple(view for view, images in views.pairs() if images)
                for member in self.members:
                    require_readable(member.reader.info, exam, present)
            except (ExamError, ImageError) as error:
                self._refuse(exam, error)
                continue
            self.result.exams.append(exam)
            if journal.has(exam, pixels_of(views)):
                continue
            todo.append(exam)
            kinds = {id(one): one for one in self.heatmaps if one is not None}.values()
            missing += [
                (exam, image)
                for image in exams.images[exam]
                if not all(one.has(exam, image) for one in kinds)
            ]
        require_all(self.store.folder, missing)
        return todo

    def read_ahead(
        self, todo: Sequence[str], clock: Clock
    ) -> Generator[tuple[str, Future[_ReadExam]]]:
        """Each exam, the next one being read from disk meanwhile."""
        with ThreadPoolExecutor(1) as pool:
            coming: deque[tuple[str, Future[_ReadExam]]] = deque()
            for exam in todo:
                coming.append((exam, pool.submit(self._read, exam, clock)))
                if len(coming) > 1:
                    yield coming.popleft()
            yield from coming

    def _read(self, exam: str, clock: Clock) -> _ReadExam:
        start = clock()
        views = self.store.views(exam)
        kinds = {one.kind.key if one else None: one for one in self.heatmaps}
        inputs = {key: read_inputs(views, one) for key, one in kinds.items()}
        return _ReadExam(views, inputs, clock() - start)

    def one(
        self, exam: str, read: Future[_ReadExam], journal: PredictionJournal, clock: Clock
    ) -> None:
        """Predict an exam and keep it, or refuse it."""
        try:
            found = read.result()
            self._took("read", found.seconds)
            start = clock()
            given = [found.inputs[one.kind.key if one else None] for one in self.heatmaps]
            said = [
                predict(views, member.reader, member.recipe, exam=exam, seed=self.seed)
                for member, views in zip(self.members, given, strict=True)
            ]
            self._took("predict", clock() - start)
        except (ExamError, ImageError) as error:
            self.result.exams.remove(exam)
            self._refuse(exam, error)
            return
        models, activations = [model for model, _ in said], said[0][1]
        prediction = prediction_to_dict(exam_prediction(exam, models, found.inputs.values()))
        images = {"images": images_to_list(found.views)}
        hidden = (activations.columns, activations.fc) if self.keeps_hidden else None
        journal.add({**prediction, **images}, pixels_of(found.views), hidden)

    def _took(self, stage: str, seconds: float) -> None:
        self.result.seconds[stage] = self.result.seconds.get(stage, 0.0) + seconds

    def _refuse(self, exam: str, error: ExamError | ImageError) -> None:
        reason = error.problem.removeprefix(f"exam {exam}: ")
        reason = reason.replace(f"{self.store.folder}/", "")
        self.result.refused.append(Refused(exam, reason, error.hint, is_exam=True))

    def facts(self, made: str | None) -> dict[str, Any]:
        """How the run went, as run.json tells it."""
        result = self.result
        return {
            **software_facts(made=made, interrupted=False),
            **reading_facts(
                self.weights,
                self.members,
                device=result.device,
                seed=self.seed,
                notices=result.notices,
            ),
            "store": self.store.kind.key,
            "heatmaps": [one.kind.to_dict() if one else None for one in self.heatmaps],
            "exams_read": len(result.exams),
            "exams_refused": len(result.refused),
            "exams_read_before": result.done_before,
            "seconds": {stage: round(took, 3) for stage, took in result.seconds.items()},
            "peak_memory_mb": peak_memory_mb(),
        }
