"""A data set's report as describe.json holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fourview import NOT_A_DEVICE
from fourview.core.recipe import Recipe
from fourview.core.views import View
from fourview.report.dataset_contents import DataSetReport, GreyValues, SheetImage


def report_to_dict(report: DataSetReport, *, seed: int, recipe: Recipe) -> dict[str, Any]:
    """All that the page says, but for the pictures, as plain values."""
    return {
        "about": NOT_A_DEVICE,
        "fourview": report.version,
        **report.description.to_dict(),
        "sample": {
            "exams": len(report.sheet),
            "images": report.sampled_images,
            "seed": seed,
            "recipe": {**recipe.to_dict(), "digest": recipe.digest()},
            "grey_values": [_grey_to_dict(one) for one in report.grey],
            "looked_at": [
                {
                    "exam": exam.name,
                    "facts": list(exam.facts),
                    "images": [_image_to_dict(view, image) for view, image in exam.images.items()],
                }
                for exam in report.sheet
            ],
        },
    }


def _grey_to_dict(grey: GreyValues) -> dict[str, Any]:
    return {
        "manufacturer": grey.name,
        "images": grey.images,
        "bits": list(grey.bits),
        "low_is_bright": grey.inverted,
        "background": round(grey.background, 6),
        "background_values": list(grey.background_values),
        "others": dict(grey.percentiles),
        "histogram": [round(part, 6) for part in grey.parts],
    }


def _image_to_dict(view: View | None, image: SheetImage) -> dict[str, Any]:
    def rounded(values: Sequence[float] | None) -> list[float] | None:
        return None if values is None else [round(value, 2) for value in values]

    return {
        "view": view.value if view else None,
        "name": image.name,
        "rows": image.rows,
        "columns": image.columns,
        "crop": rounded(image.crop),
        "window": rounded(image.window),
        "optimal_center": rounded(image.center),
        "marks": [[finding.value, *edges] for finding, edges in image.marks],
        "problem": image.problem,
        "warnings": list(image.warnings),
    }
