"""A store of small exams that was prepared from files, with weights that read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2

from fourview.core.views import View
from fourview.io.store.heatmaps import StoredHeatmaps, stored_kinds
from support.command import fourview
from support.small_exams import (
    breast_info,
    patch_info,
    small_breast,
    small_exam,
    usual_facing,
    write_exam_files,
    write_small_weights,
)

SETTINGS = (
    *("crop.erosion_px=5", "crop.buffer_px=3", "window.cc=[160,120]", "window.mlo=[176,112]"),
    *("window.location_noise_px=6", "window.size_noise_px=6"),
)
"""As `SMALL`, for images of 200 x 150 pixels."""
EXAMS = ("a", "b", "c")


@dataclass(frozen=True)
class PredictStore:
    """Exams a and b of four views, b with a second R-MLO; c without R-MLO."""

    table: Path
    store: Path
    weights: Path
    """View-wise, of image and heatmaps."""
    image_only: Path
    patches: Path


def build_predict_store(folder: Path) -> PredictStore:
    """Written and prepared."""
    data = folder / "data"
    rows = ["exam,view,path"]
    for number, exam in enumerate(EXAMS):
        views = [view for view in View if exam != "c" or view is not View.R_MLO]
        write_exam_files(data, small_exam(exam, number, views=views))
        rows += [f"{exam},{view.value},{exam}_{view.value}.png" for view in views]
    again = small_breast(77, facing=usual_facing(View.R_MLO))
    assert cv2.imwrite(str(data / "b_R-MLO_2.png"), again)
    rows.append("b,R-MLO,b_R-MLO_2.png")
    table = data / "exams.csv"
    table.write_text("\n".join(rows) + "\n")
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    ran = fourview("prepare", table, "-o", folder / "store", *settings)
    assert ran.code == 0, ran.err
    return PredictStore(
        table,
        folder / "store",
        write_small_weights(folder / "main.safetensors", breast_info()),
        write_small_weights(folder / "image.safetensors", breast_info(inputs="image"), 3),
        write_small_weights(folder / "patch.safetensors", patch_info()),
    )


def the_heatmaps(store: Path) -> StoredHeatmaps:
    """The one set of heatmaps that a store has."""
    (kind,) = stored_kinds(store)
    return StoredHeatmaps(store, kind)
