"""The figure of localisation, from its rows."""

from __future__ import annotations

from fourview.performance.images.localising import Localisation
from fourview.performance.images.marked_images import FINDINGS
from fourview.report.drawing import DrawnFigure
from fourview.report.localisation_figure import FrocLine, HitMark, localisation_figure


def localisation_drawn(found: Localisation) -> DrawnFigure | None:
    """FROC curves of all lesions, with every hit rate beside them; None without a lesion."""
    if not found.hits:
        return None
    lines = []
    for finding in FINDINGS:
        at = [row for row in found.froc if (row.heatmap, row.by) == (finding.value, "all")]
        curve = [row for row in found.points if row.heatmap == finding.value]
        if at and at[0].lesions:
            lines.append(
                FrocLine(
                    name=f"{finding.value} ({at[0].lesions} lesions, {at[0].images} images)",
                    colour=finding.value,
                    false_marks=[row.false_marks for row in curve],
                    sensitivity=[row.sensitivity for row in curve],
                    told_at=[(row.false_marks, row.sensitivity, row.low, row.high) for row in at],
                )
            )
    marks = [
        HitMark(
            name=row.heatmap
            if row.by == "all"
            else f"{row.heatmap}: {row.group.replace('_', ' ')}",
            colour=row.heatmap,
            rate=row.rate,
            low=row.low,
            high=row.high,
            by_chance=row.by_chance_on_breast,
            told=f"{row.hits} of {row.images - row.points_nowhere}",
        )
        for row in found.hits
    ]
    png, svg = localisation_figure(lines, marks)
    return DrawnFigure(
        name="localisation",
        title="Localisation",
        caption=(
            "Left, free-response ROC curves: lesions with a mark on them against marks on none, as "
            "the threshold falls; dots with intervals where sensitivities are told. Right, how "
            "often the maximum of an image's heatmap lies in a lesion, and (bars) what a place "
            "drawn at random from the breast would hit. Intervals by drawing patients."
        ),
        png=png,
        svg=svg,
    )
