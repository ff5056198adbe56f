"""Breast-level predictions of a store's exams; stopped, they go on where they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fourview import NOT_A_DEVICE
from fourview.core.errors import ExamError, ImageError, RecipeError
from fourview.dataset.chosen_exams import ChosenExams, ExamChoice, chosen_exams
from fourview.dataset.found_heatmaps import found_heatmaps, require_all
from fourview.dataset.stored_exam import images_to_list, pixels_of, read_inputs
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
from fourview.io.prediction_journal import PredictionJournal, prediction_from_dict
from fourview.io.results import prediction_to_dict, write_json, write_predictions_csv
from fourview.io.store import Store, StoreKind
from fourview.io.store.heatmaps import StoredHeatmaps

Progress = Callable[[int, int], None]


@dataclass
class PredictResult:
    """What was predicted, and what was refused."""

    exams: list[str] = field(default_factory=list)
    """Predicted, in the store's order."""
    done_before: int = 0
    """Of these, by an earlier run."""
    refused: list[Refused] = field(default_factory=list)
    notices: tuple[str, ...] = ()
    device: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage, of this run."""

    @property
    def exit_code(self) -> int:
        """0 done, 1 nothing could be predicted, 3 some exams were refused."""
        if not self.exams:
            return 1
        return 3 if self.refused else 0


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
    later run that goes on, finished exams are in predictions.jsonl.

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
        done = len(run.result.exams) - len(todo)
        run.result.done_before = done
        on_progress(done, len(run.result.exams))
        for exam in todo:
            run.one(exam, journal, clock)
            done += 1
            on_progress(done, done + len(todo) - todo.index(exam) - 1)
        run.write(out, journal, made)
    return run.result


class _Run:
    """The networks, what they read, and what comes of it."""

    def __init__(self, store: Store, options: ReadingOptions) -> None:
        device = resolve_device(options.device)
        self.store, self.seed = store, options.seed
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
        return found_heatmaps(folder, kind.key, member, patch_weights=patches, seed=self.seed)

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
            "heatmaps": [one and one.kind.key for one in self.heatmaps],
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

    def one(self, exam: str, journal: PredictionJournal, clock: Clock) -> None:
        """Predict an exam and keep it, or refuse it."""
        try:
            start = clock()
            views = self.store.views(exam)
            inputs = {
                None if one is None else one.kind.key: read_inputs(views, one)
                for one in self.heatmaps
            }
            self._took("read", clock() - start)
            start = clock()
            given = [inputs[None if one is None else one.kind.key] for one in self.heatmaps]
            models = [
                predict(views_given, member.reader, member.recipe, exam=exam, seed=self.seed)[0]
                for member, views_given in zip(self.members, given, strict=True)
            ]
            self._took("predict", clock() - start)
        except (ExamError, ImageError) as error:
            self.result.exams.remove(exam)
            self._refuse(exam, error)
            return
        prediction = prediction_to_dict(exam_prediction(exam, models, given))
        journal.add({**prediction, "images": images_to_list(views)}, pixels_of(views))

    def _took(self, stage: str, seconds: float) -> None:
        self.result.seconds[stage] = self.result.seconds.get(stage, 0.0) + seconds

    def _refuse(self, exam: str, error: ExamError | ImageError) -> None:
        reason = error.problem.removeprefix(f"exam {exam}: ")
        reason = reason.replace(f"{self.store.folder}/", "")
        self.result.refused.append(Refused(exam, reason, error.hint, is_exam=True))

    def write(self, out: Path, journal: PredictionJournal, made: str | None) -> None:
        """The tables, and how the run went."""
        told = [journal.read(exam) for exam in self.result.exams]
        write_predictions_csv(out / "predictions.csv", list(map(prediction_from_dict, told)))
        refused = [
            {"name": one.name, "exam": one.is_exam, "reason": one.reason, "hint": one.hint}
            for one in self.result.refused
        ]
        values = {
            "about": NOT_A_DEVICE,
            "notices": list(self.result.notices),
            "exams": told,
            "refused": refused,
        }
        write_json(out / "predictions.json", values)
        facts = reading_facts(
            self.weights,
            self.members,
            device=self.result.device,
            seed=self.seed,
            notices=self.result.notices,
        )
        run = {
            **software_facts(made=made, interrupted=False),
            **facts,
            "store": self.store.kind.key,
            "heatmaps": [one and one.kind.to_dict() for one in self.heatmaps],
            "exams_read": len(told),
            "exams_refused": len(refused),
            "exams_read_before": self.result.done_before,
            "seconds": {name: round(took, 3) for name, took in self.result.seconds.items()},
            "peak_memory_mb": peak_memory_mb(),
        }
        write_json(out / "run.json", run)
