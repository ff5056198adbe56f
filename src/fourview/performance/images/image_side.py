"""The image side of an evaluation: whether heatmaps show lesions, and where a model was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fourview.core.breasts import Breasts
from fourview.core.errors import RecipeError, TableError
from fourview.evaluation.checks import Floats
from fourview.io.reader_table import read_reader_table
from fourview.io.store import Store
from fourview.performance.analysis import Evaluation, Progress
from fourview.performance.images.error_analysis import ErrorCase, error_panels
from fourview.performance.images.localisation_drawn import localisation_drawn
from fourview.performance.images.localising import Localisation, LocalisingOptions, localise
from fourview.performance.images.stored_maps import stored_maps
from fourview.performance.options import EvaluationOptions, EvaluationTables
from fourview.performance.population.models import Model
from fourview.report.drawing import DrawnFigure


@dataclass(frozen=True, kw_only=True)
class ImageOptions:
    """What may be chosen of the image side."""

    store: Path
    """Prepared views, and heatmaps if it has any."""
    patch_weights: str = ""
    """Whose heatmaps, where the store has those of several."""
    heatmaps: str = ""
    """How the key of those begins, where sets differ in more than the weights."""
    errors_of: str = ""
    """The model whose errors are shown; the first where none is named."""
    errors: int = 3
    """Of each kind, at most."""


@dataclass(frozen=True, eq=False)
class ImageSide:
    """What was found in images."""

    model: str = ""
    """Whose errors are shown."""
    localisation: Localisation | None = None
    errors: tuple[ErrorCase, ...] = ()
    figures: tuple[DrawnFigure, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def seen_in_images(
    found: Evaluation,
    tables: EvaluationTables,
    options: EvaluationOptions,
    images: ImageOptions,
    *,
    on_progress: Progress | None = None,
) -> ImageSide:
    """Localisation, where there are heatmaps and a table of findings; and panels of errors.

    Raises:
        TableError: the store or the table of findings cannot be read.
        RecipeError: no model has the name, or an option lies outside its range.
    """
    breasts = found.judged.breasts
    model = _model(found.models, images.errors_of)
    warnings = []
    localisation = None
    if tables.findings is None:
        warnings.append("without a table of findings, lesions are neither shown nor localised")
    elif not _has_heatmaps(images):
        warnings.append("the store has no heatmaps: nothing was localised")
    else:
        localisation = localise(
            images.store,
            tables.findings,
            breasts,
            patch_weights=images.patch_weights,
            heatmaps=images.heatmaps,
            options=LocalisingOptions(draws=options.draws, seed=options.seed, level=options.level),
            on_image=_Told(breasts, on_progress),
        )
        warnings += [f"localisation: {problem}" for problem in localisation.problems]
    readers, said = _readers(breasts, tables.readers)
    warnings += said
    errors = tuple(
        error_panels(
            breasts,
            model.ensemble,
            store=images.store,
            findings=tables.findings,
            readers=readers,
            patch_weights=images.patch_weights,
            heatmaps=images.heatmaps,
            most=images.errors,
        )
    )
    drawn = localisation_drawn(localisation) if localisation else None
    figures = [drawn, *(case.figure for case in errors)]
    return ImageSide(
        model.name,
        localisation,
        errors,
        tuple(one for one in figures if one is not None),
        tuple(warnings),
    )


class _Told:
    """Tells the progress by exams."""

    def __init__(self, breasts: Breasts, tell: Progress | None) -> None:
        self._left, self._tell = set(breasts.exams), tell
        self._total = len(self._left)

    def __call__(self, exam: str) -> None:
        self._left.discard(exam)
        if self._tell:
            self._tell(self._total - len(self._left), self._total)


def _has_heatmaps(images: ImageOptions) -> bool:
    store = Store.open(images.store)
    return stored_maps(store, patch_weights=images.patch_weights, key=images.heatmaps) is not None


def _model(models: Sequence[Model], name: str) -> Model:
    for model in models:
        if name in ("", model.name):
            return model
    raise RecipeError(
        f"no model is called {name!r}; there are {', '.join(one.name for one in models)}",
        hint="--errors-of takes the name of a model",
    )


def _readers(breasts: Breasts, path: Path | None) -> tuple[Floats | None, list[str]]:
    """What readers said of each breast `(readers, N)`, in the first modality; None, and why, where
    it is no probability."""
    if path is None:
        return None, []
    try:
        table = read_reader_table(path)
        values = table.ratings.values[0]
        if np.nanmin(values) < 0 or np.nanmax(values) > 1:
            raise TableError(f"{path.name}: ratings lie outside 0 to 1")
    except TableError as error:
        return None, [f"the readers are not shown beside the model: {error.problem}"]
    if any(not side for _, side in table.breasts):
        return None, ["the readers are not shown beside the model: they rated exams, not breasts"]
    place = {
        (exam, side.value): at
        for at, (exam, side) in enumerate(zip(breasts.exams, breasts.lateralities, strict=True))
    }
    said = np.full((len(values), len(breasts)), np.nan)
    for case, breast in enumerate(table.breasts):
        if breast in place:
            said[:, place[breast]] = values[:, case]
    return said, []
