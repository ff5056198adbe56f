"""From prepared views and heatmaps to an exam's probabilities: windows, passes, branches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from fourview.core.chance import Draws, draws_by_view
from fourview.core.errors import ExamError
from fourview.core.exam import Heatmaps, PreparedView
from fourview.core.prediction import DrawnWindow, ModelPrediction, PassPrediction
from fourview.core.recipe import Recipe
from fourview.core.views import FourViews, Label, View
from fourview.core.weights import WeightsInfo
from fourview.imaging.intensity import standardise
from fourview.imaging.window import PlacedWindow, cut, place
from fourview.inference.networks import BreastReader
from fourview.nn.breast_model import BRANCHES, BreastOutput


@dataclass(frozen=True, eq=False)
class ViewInput:
    """One image a network may read, with heatmaps where the network takes them."""

    prepared: PreparedView
    heatmaps: Heatmaps | None = None


@dataclass(frozen=True, eq=False)
class Hidden:
    """Hidden activations, the mean over passes; NaN where a view or branch was not read."""

    columns: NDArray[np.float32]
    """`(1024,)`: L-CC, R-CC, L-MLO, R-MLO, 256 each."""
    fc: NDArray[np.float32]
    """`(1024,)`: the first fully connected layer, branch after branch."""


READ_IN_PART = ("image-wise", "breast-wise")
"""The variants that read an exam without all four views: a branch of theirs speaks of one breast.
A view-wise probability is the mean of a CC and an MLO branch that each see both breasts; without
one of them it would be another number under the same name."""


def readable_views(variant: str, present: tuple[View, ...]) -> tuple[View, ...]:
    """The views that a variant uses, given which are there; none where it cannot read the exam."""
    if variant not in READ_IN_PART and len(present) < len(View):
        return ()
    used = {
        view
        for branch in BRANCHES[variant]
        if set(branch.views) <= set(present)
        for view in branch.views
    }
    return tuple(view for view in View if view in used)


def require_readable(info: WeightsInfo, exam: str, present: tuple[View, ...]) -> None:
    """Refuse an exam that the network cannot read for want of views.

    Raises:
        ExamError: with what is there and what is missing.
    """
    if readable_views(info.variant, present):
        return
    there = ", ".join(view.value for view in present) or "no view"
    missing = ", ".join(view.value for view in View if view not in present)
    raise ExamError(
        f"exam {exam}: has {there}; a {info.variant} model ({info.name}) reads nothing without "
        f"{missing}",
        hint="image-wise weights read any view alone; breast-wise ones need both views of a breast",
    )


def channels(view: ViewInput, info: WeightsInfo) -> NDArray[np.float32]:
    """`(H, W, C)` of what a network takes, in the order image, benign, malignant."""
    parts: list[NDArray[np.float32]] = []
    if info.uses_image:
        parts.append(view.prepared.pixels.astype(np.float32))
    if info.uses_heatmaps:
        assert view.heatmaps is not None, "heatmaps are made before they are read"
        parts += [view.heatmaps.benign, view.heatmaps.malignant]
    return np.stack(parts, axis=2)


def network_input(
    stacked: NDArray[np.float32], placed: PlacedWindow, info: WeightsInfo
) -> NDArray[np.float32]:
    """`(C, rows, columns)`: the window cut, its image standardised, heatmaps as they are."""
    window = cut(stacked, placed)
    if info.uses_image:
        window[..., 0] = standardise(window[..., 0])
    return np.ascontiguousarray(window.transpose(2, 0, 1))


def place_window(
    prepared: PreparedView, recipe: Recipe, draws: Draws, *, jitter: bool
) -> PlacedWindow:
    """Draw the window of one view, near its optimal centre; at it without `jitter`."""
    window, position = recipe.window, prepared.view.position
    noise = window.location_noise_px if jitter else 0
    return place(
        prepared.pixels.shape,
        position,
        prepared.optimal_center,
        window.shape(position),
        draws,
        location_noise_px=(noise, noise),
        size_noise_px=window.size_noise_px if jitter else 0,
    )


def predict(
    views: FourViews[tuple[ViewInput, ...]],
    reader: BreastReader,
    recipe: Recipe,
    *,
    exam: str,
    seed: int,
) -> tuple[ModelPrediction, Hidden]:
    """What one network says of an exam, and its hidden activations.

    Each pass draws for every view one of its images and a window; without jitter, one pass reads
    the first images at their optimal centres. Views that no branch can use are left out.

    Raises:
        ExamError: no branch has all its views, or the network gives no numbers.
    """
    recipe = recipe.scaled()
    present = tuple(view for view, images in views.pairs() if images)
    require_readable(reader.info, exam, present)
    used = readable_views(reader.info.variant, present)
    draws = draws_by_view(recipe.prediction.chance, seed, exam, "windows")
    jitter = recipe.prediction.jitter
    stacked: dict[tuple[View, int], NDArray[np.float32]] = {}
    passes, outputs = [], []
    for _ in range(recipe.prediction.passes if jitter else 1):
        inputs, windows = {}, {}
        for view in used:
            images = views.of(view)
            which = draws.of(view).image(len(images)) if jitter else 0
            image = images[which]
            placed = place_window(image.prepared, recipe, draws.of(view), jitter=jitter)
            if (view, which) not in stacked:
                stacked[view, which] = channels(image, reader.info)
            inputs[view] = network_input(stacked[view, which], placed, reader.info)
            windows[view] = DrawnWindow(
                image.prepared.source, placed.padded_shape, placed.located, placed.box
            )
        output = run(reader, inputs)
        if not all(values.isfinite().all() for values in output.log_probabilities.values()):
            raise ExamError(
                f"exam {exam}: weights {reader.info.name} give no number (NaN or infinity) for it",
                hint="they are damaged, or the training that made them diverged: take others",
            )
        outputs.append(output)
        passes.append(PassPrediction(_probabilities(reader.info.variant, output), windows))
    return ModelPrediction(reader.info.name, tuple(passes)), _hidden(reader.info.variant, outputs)


def run(reader: BreastReader, inputs: Mapping[View, NDArray[np.float32]]) -> BreastOutput:
    """The network's output for one exam's inputs `(C, rows, columns)`, on the CPU."""
    with torch.inference_mode():
        # One view after another, so that no more than one view's activations are in memory.
        columns = {
            view: reader.network.column(view).hidden(torch.from_numpy(x)[None].to(reader.device))
            for view, x in inputs.items()
        }
        output = reader.network.read_columns(columns)
    return BreastOutput(
        log_probabilities={name: t.cpu() for name, t in output.log_probabilities.items()},
        columns={view: t.cpu() for view, t in output.columns.items()},
        fc={name: t.cpu() for name, t in output.fc.items()},
    )


def _probabilities(variant: str, output: BreastOutput) -> dict[str, dict[Label, float]]:
    result = {}
    for branch in BRANCHES[variant]:
        if branch.name in output.log_probabilities:
            positive = output.log_probabilities[branch.name][0, :, 1].exp()
            result[branch.name] = dict(zip(branch.labels, positive.tolist(), strict=True))
    return result


def _hidden(variant: str, outputs: list[BreastOutput]) -> Hidden:
    nothing = np.full(256, np.nan, dtype=np.float32)

    def mean(parts: list[torch.Tensor]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = torch.cat(parts).mean(dim=0).numpy()
        return values

    columns = [
        mean([o.columns[view] for o in outputs]) if view in outputs[0].columns else nothing
        for view in View
    ]
    fc = [
        mean([o.fc[branch.name] for o in outputs])
        if branch.name in outputs[0].fc
        else np.tile(nothing, len(branch.views))
        for branch in BRANCHES[variant]
    ]
    return Hidden(np.concatenate(columns), np.concatenate(fc))
