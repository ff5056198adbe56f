"""From an exam in memory to its prediction: all networks, each fed by its own recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fourview.core.chance import draws_by_view
from fourview.core.errors import ExamError, ImageError, WeightsError
from fourview.core.exam import Exam, Mammogram, PreparedView
from fourview.core.prediction import ExamPrediction, ModelPrediction
from fourview.core.recipe import PredictionRecipe, Recipe
from fourview.core.views import FourViews, View
from fourview.inference.heatmaps import Progress, make_heatmaps
from fourview.inference.networks import BreastReader, PatchClassifier
from fourview.inference.predict import Hidden, ViewInput, predict, require_readable
from fourview.inference.prepare import prepare

Clock = Callable[[], float]


@dataclass(frozen=True, eq=False)
class Member:
    """A breast-level network with the recipe that feeds it."""

    reader: BreastReader
    recipe: Recipe


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The networks whose predictions are averaged, and the patch classifier behind their heatmaps.

    With a patch classifier, heatmaps are made even where no member takes them: for the eye.
    """

    members: tuple[Member, ...]
    patches: PatchClassifier | None = None

    def __post_init__(self) -> None:
        if not self.members:
            raise WeightsError("no breast-level weights were given", hint="name some: --weights")
        first = self.members[0].reader.info
        for member in self.members:
            info = member.reader.info
            if info.labels != first.labels:
                raise WeightsError(
                    f"weights {first.name} predict {', '.join(first.labels)}; weights {info.name} "
                    f"predict {', '.join(info.labels)}: they cannot be averaged"
                )
            if info.uses_heatmaps and self.patches is None:
                raise WeightsError(
                    f"weights {info.name} read heatmaps, and no patch classifier was given",
                    hint="name its weights: --patch-weights FILE",
                )
            if self.patches is not None and self.patches.info.recipe.scale != member.recipe.scale:
                raise WeightsError(
                    f"weights {info.name} read images at scale {member.recipe.scale}; the patch "
                    f"weights were made at {self.patches.info.recipe.scale}"
                )


@dataclass(frozen=True, eq=False)
class ReadImage:
    """One image of an exam with what was made of it."""

    mammogram: Mammogram
    input: ViewInput


@dataclass(frozen=True, eq=False)
class ExamReading:
    """An exam's prediction, and what stands behind it."""

    prediction: ExamPrediction
    images: FourViews[tuple[ReadImage, ...]]
    """As the first member was fed; an image that could not be prepared is not there."""
    hidden: Hidden
    """Of the first member."""
    seconds: Mapping[str, float]
    """By stage: prepare, heatmaps, predict."""
    left_out: tuple[tuple[str, ImageError], ...] = ()
    """Images that could not be prepared, by what they are called in results."""


def read(
    exam: Exam,
    ensemble: Ensemble,
    *,
    seed: int,
    clock: Clock,
    batch_size: int = 16,
    on_progress: Progress = lambda _: None,
) -> ExamReading:
    """Read an exam: the mean over the ensemble of its four probabilities.

    Members whose recipes prepare images alike share the prepared views and heatmaps.

    Raises:
        ExamError: an exam lacks views that a member needs, or none of its images can be prepared.
    """
    for member in ensemble.members:
        require_readable(member.reader.info, exam.name, exam.present)
    seconds = {"prepare": 0.0, "heatmaps": 0.0, "predict": 0.0}
    made: dict[str, FourViews[tuple[ReadImage, ...]]] = {}
    left_out: dict[str, ImageError] = {}
    predictions: list[ModelPrediction] = []
    hidden: Hidden | None = None
    for member in ensemble.members:
        key = _preparation_key(member.recipe)
        if key not in made:
            start = clock()
            prepared, faults = _prepare_all(exam, member.recipe)
            left_out |= faults
            seconds["prepare"] += clock() - start
            start = clock()
            made[key] = _with_heatmaps(
                prepared, exam.name, ensemble, member.recipe, seed, batch_size, on_progress
            )
            seconds["heatmaps"] += clock() - start
        start = clock()
        views = made[key].map(_inputs)
        try:
            prediction, activations = predict(
                views, member.reader, member.recipe, exam=exam.name, seed=seed
            )
        except ExamError as error:
            told = [error.problem, *(f"left out: {fault.problem}" for fault in left_out.values())]
            raise ExamError("; ".join(told), hint=error.hint) from error
        seconds["predict"] += clock() - start
        predictions.append(prediction)
        hidden = hidden or activations
    assert hidden is not None
    return ExamReading(
        prediction=exam_prediction(
            exam.name,
            predictions,
            (views.map(_inputs) for views in made.values()),
            warnings=(*exam.warnings, *(f"left out: {error}" for error in left_out.values())),
        ),
        images=next(iter(made.values())),
        hidden=hidden,
        seconds=seconds,
        left_out=tuple(left_out.items()),
    )


def _inputs(images: tuple[ReadImage, ...]) -> tuple[ViewInput, ...]:
    return tuple(image.input for image in images)


def exam_prediction(
    exam: str,
    models: Sequence[ModelPrediction],
    views: Iterable[FourViews[tuple[ViewInput, ...]]],
    *,
    warnings: Sequence[str] = (),
) -> ExamPrediction:
    """What the networks said of an exam, with what is to be known of it.

    Args:
        views: what they were given, once for each way of preparing it.
        warnings: of the exam as a whole.
    """
    seen = {view for model in models for one in model.passes for view in one.windows}
    return ExamPrediction(
        exam=exam,
        models=tuple(models),
        missing=tuple(view for view in View if view not in seen),
        warnings=(*warnings, *_image_warnings(views)),
    )


def _image_warnings(given: Iterable[FourViews[tuple[ViewInput, ...]]]) -> list[str]:
    """What is to be known of single images, each once and after its view's name."""
    told = []
    for views in given:
        for view, images in views.pairs():
            if len(images) > 1:
                names = ", ".join(image.prepared.source for image in images)
                told.append(f"{view.value}: has {len(images)} images ({names})")
            told += [
                f"{view.value}: {warning}"
                for image in images
                for warning in image.prepared.warnings
            ]
    return list(dict.fromkeys(told))


def _preparation_key(recipe: Recipe) -> str:
    """Equal for recipes that give the same prepared views and heatmaps."""
    chance = PredictionRecipe(chance=recipe.prediction.chance)
    return replace(recipe, prediction=chance).digest()


def _prepare_all(
    exam: Exam, recipe: Recipe
) -> tuple[FourViews[tuple[tuple[Mammogram, PreparedView], ...]], dict[str, ImageError]]:
    """The prepared views, and why images are missing among them, by what these are called.

    Raises:
        ExamError: none could be prepared.
    """
    faults: dict[str, ImageError] = {}

    def prepare_view(images: tuple[Mammogram, ...]) -> tuple[tuple[Mammogram, PreparedView], ...]:
        result = []
        for image in images:
            try:
                result.append((image, prepare(image, recipe)))
            except ImageError as error:
                faults[image.source] = error
        return tuple(result)

    views = exam.views.map(prepare_view)
    if not any(views):
        problems = "; ".join(error.problem for error in faults.values())
        raise ExamError(
            f"exam {exam.name}: no image can be read: {problems}",
            hint=next((error.hint for error in faults.values() if error.hint), ""),
        )
    return views, faults


def _with_heatmaps(
    prepared: FourViews[tuple[tuple[Mammogram, PreparedView], ...]],
    exam: str,
    ensemble: Ensemble,
    recipe: Recipe,
    seed: int,
    batch_size: int,
    on_progress: Progress,
) -> FourViews[tuple[ReadImage, ...]]:
    draws = draws_by_view(recipe.prediction.chance, seed, exam, "strides")
    how = recipe.scaled().heatmaps

    def image(mammogram: Mammogram, view: PreparedView) -> ReadImage:
        if ensemble.patches is None:
            return ReadImage(mammogram, ViewInput(view))
        heatmaps = make_heatmaps(
            view,
            ensemble.patches,
            how,
            draws.of(view.view),
            batch_size=batch_size,
            on_progress=on_progress,
        )
        return ReadImage(mammogram, ViewInput(view, heatmaps))

    return prepared.map(lambda images: tuple(image(*one) for one in images))
