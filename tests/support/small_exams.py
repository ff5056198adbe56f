"""Small synthetic exams, and small weights that read them in a second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from fourview.core.exam import Exam, Mammogram
from fourview.core.grayscale import Grayscale
from fourview.core.recipe import (
    CropRecipe,
    HeatmapRecipe,
    PredictionRecipe,
    Recipe,
    WindowRecipe,
)
from fourview.core.views import Facing, FourViews, Laterality, View
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.inference.networks import (
    BreastReader,
    PatchClassifier,
    breast_reader,
    fresh_tensors,
    patch_classifier,
)
from fourview.io.checkpoint import write_weights

SMALL = Recipe(
    name="small",
    crop=CropRecipe(erosion_px=5, buffer_px=3),
    window=WindowRecipe(cc=(160, 120), mlo=(176, 112), location_noise_px=6, size_noise_px=6),
    heatmaps=HeatmapRecipe(patch_px=32, stride_px=28),
    prediction=PredictionRecipe(passes=2),
)
"""For images of about 200 x 150 pixels."""

SHAPE = (200, 150)


def small_breast(
    seed: int = 0, *, facing: Facing = Facing.RIGHT, shape: tuple[int, int] = SHAPE
) -> NDArray[np.uint16]:
    """Half an ellipse with a texture of its own against the chest wall's edge; 0 around it."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    height, width = 0.42 * shape[0] + seed % 7, 0.68 * shape[1] + seed % 5
    radius = np.hypot((rows - shape[0] / 2) / height, columns / width)
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(shape[0] // 8, shape[1] // 8)).astype(np.float32)
    texture = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    values = np.where(radius < 1, 1500 + 400 * texture + 60 * rng.normal(size=shape), 0)
    pixels = np.clip(np.rint(values), radius < 1, 4095).astype(np.uint16)
    return pixels if facing is Facing.RIGHT else np.ascontiguousarray(pixels[:, ::-1])


def usual_facing(view: View) -> Facing:
    """As files mostly hold them: left breasts point right, right breasts left."""
    return Facing.RIGHT if view.laterality is Laterality.LEFT else Facing.LEFT


def small_mammogram(view: View, seed: int = 0, *, facing: Facing | None = None) -> Mammogram:
    """A synthetic breast in memory; it tells neither facing nor spacing."""
    pixels = small_breast(seed, facing=facing or usual_facing(view))
    return Mammogram(pixels, view, f"{view.value}.png", Grayscale(bits=12))


def small_exam(name: str = "a", seed: int = 0, *, views: Iterable[View] = View) -> Exam:
    """An exam in memory, each view unlike the others."""
    given = set(views)
    order = list(View)
    return Exam(
        name,
        FourViews.build(
            lambda view: (
                (small_mammogram(view, 10 * seed + order.index(view)),) if view in given else ()
            )
        ),
    )


def write_exam_files(folder: Path, exam: Exam) -> Path:
    """The exam's images as `<exam>_<view>.png`, and `<exam>_<view>_2.png` for a second one."""
    folder.mkdir(parents=True, exist_ok=True)
    for view, images in exam.views.pairs():
        for number, image in enumerate(images, start=1):
            name = f"{exam.name}_{view.value}" + (f"_{number}" if number > 1 else "")
            assert cv2.imwrite(str(folder / f"{name}.png"), image.pixels)
    return folder


def breast_info(
    variant: str = "view-wise",
    inputs: str = "image-and-heatmaps",
    *,
    name: str = "small",
    recipe: Recipe = SMALL,
) -> WeightsInfo:
    """The description of a breast-level network; it says it was trained, and is not."""
    return WeightsInfo(
        name=name,
        architecture="breast_model",
        variant=variant,
        inputs=inputs,
        target="cancer",
        labels=expected_labels("breast_model", "cancer"),
        recipe=recipe,
    )


def patch_info(*, name: str = "small-patch", recipe: Recipe = SMALL) -> WeightsInfo:
    """The description of a patch classifier; it says it was trained, and is not."""
    labels = expected_labels("patch_densenet121", "")
    return WeightsInfo(name=name, architecture="patch_densenet121", labels=labels, recipe=recipe)


def small_reader(
    variant: str = "view-wise", inputs: str = "image", *, seed: int = 0, recipe: Recipe = SMALL
) -> BreastReader:
    """A breast-level network of random weights, in memory."""
    info = breast_info(variant, inputs, name=f"{variant} {seed}", recipe=recipe)
    return breast_reader(info, fresh_tensors(info, seed), torch.device("cpu"))


def small_patch_classifier(seed: int = 0) -> PatchClassifier:
    """A patch classifier of random weights, in memory."""
    info = patch_info()
    return patch_classifier(info, fresh_tensors(info, seed), torch.device("cpu"))


def write_small_weights(path: Path, info: WeightsInfo, seed: int = 0) -> Path:
    """Random weights as a file; its stem becomes their name."""
    info = replace(info, name=path.stem)
    write_weights(path, info, fresh_tensors(info, seed))
    return path
