"""A plan in words that can go into a protocol, and as tables of a page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from fourview import __version__
from fourview.evaluation.readers_mean import ANALYSES
from fourview.report.drawing import DrawnFigure
from fourview.report.study_page import NumberTable, PageFigure, StudyPage
from fourview.study.plan_options import PlanOptions
from fourview.study.planning import Plan, PlanRow

_MEASURES = {"auc": "AUC", "average-precision": "average precision"}
SOURCES = (
    "S. L. Hillis, N. A. Obuchowski, K. S. Berbaum, Acad. Radiol. 18 (2011) 129: power of "
    "multireader studies.",
    "N. A. Obuchowski, H. E. Rockette, Commun. Stat. Simul. Comput. 24 (1995) 285; S. L. Hillis, "
    "Stat. Med. 26 (2007) 596: the analysis that is planned.",
)
HEADER = ("readers", "cases", "with the disease", "power")


def plan_page(plan: Plan, planned: PlanOptions, figure: DrawnFigure, *, title: str) -> StudyPage:
    """The page's content."""
    return StudyPage(
        heading="A reader study planned from",
        title=title,
        facts=(
            (str(plan.pilot_readers), "readers in the pilot"),
            (str(plan.pilot_cases), "cases in the pilot"),
            (str(plan.pilot_with_disease), "with the disease"),
            (str(plan.pilot_patients), "patients"),
        ),
        warnings=plan.remarks,
        tables=(_rows(plan, planned), _components(plan)),
        figures=(PageFigure(title=figure.title, caption=figure.caption, svg=figure.svg),),
        methods=tuple(methods_of(plan, planned)),
        sources=SOURCES,
        version=__version__,
    )


def looked_for(planned: PlanOptions) -> str:
    """What the planned study is to find, with its test."""
    alpha = planned.test_alpha
    if planned.margin is None:
        return f"a difference of {planned.true_effect:g}, two-sided alpha {alpha:g}"
    return (
        f"non-inferiority with a margin of {planned.margin:g} where the true difference is "
        f"{planned.true_effect:g}, one-sided alpha {alpha:g}"
    )


def cells_of(row: PlanRow) -> tuple[str, str, str, str]:
    """A row as texts under `HEADER`."""
    readers, cases, with_disease = (
        "none" if number is None else str(number)
        for number in (row.readers, row.cases, row.with_disease)
    )
    return readers, cases, with_disease, "" if math.isnan(row.power) else f"{row.power:.3f}"


def methods_of(plan: Plan, planned: PlanOptions) -> Iterator[str]:
    """One paragraph after another."""
    yield (
        f"Readers and cases were planned for {looked_for(planned)}, in the mean "
        f"{_MEASURES[plan.measure]} over readers, with "
        f"{ANALYSES[planned.analysis]} ({planned.analysis}), by the method of Hillis, Obuchowski "
        "and Berbaum. "
        + (
            "Power is that of each pair of numbers."
            if planned.readers and planned.cases
            else f"Numbers are the fewest with a power of {planned.wanted:g}."
        )
    )
    yield (
        f"What the study varies by was taken from a pilot of {plan.pilot_readers} readers and "
        f"{plan.pilot_cases} cases, {plan.pilot_with_disease} with the disease "
        f"({100 * plan.share:.1f} %), under {plan.first!r} and {plan.second!r}. Variances over "
        "cases were scaled by the number of cases: the planned study is taken to have the pilot's "
        "share of cases with the disease, its kind of cases, and as many of them a patient "
        f"({plan.pilot_cases / plan.pilot_patients:.2f}). All readers are to read all cases in "
        "both modalities."
    )
    yield (
        f"The pilot's own difference ({_signed(plan.difference)}) plays no part. The effect must "
        "be the smallest difference that matters, chosen beforehand: one taken from a small pilot "
        "is too large as a rule, and the study then too small. The components are estimates of a "
        "pilot themselves; plan for worse ones, too."
    )


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−")


def _rows(plan: Plan, planned: PlanOptions) -> NumberTable:
    return NumberTable(
        title=f"For {looked_for(planned)}",
        header=HEADER,
        rows=[cells_of(row) for row in plan.rows],
        note=f"{planned.analysis}: {ANALYSES[planned.analysis]}.",
        remarks=tuple(
            f"{f'{row.readers} readers' if row.cases is None else f'{row.cases} cases'}: "
            f"{row.remark}"
            for row in plan.rows
            if row.remark
        ),
    )


def _components(plan: Plan) -> NumberTable:
    c = plan.components
    values = (c.modality_reader, c.variance, c.cov1, c.cov2, c.cov3)
    return NumberTable(
        title=f"What the pilot varied by, over {c.cases} cases",
        header=("", "V_TR", "Var", "Cov1", "Cov2", "Cov3"),
        rows=[(_MEASURES[plan.measure], *(f"{value:.3e}".replace("-", "−") for value in values))],
        note="V_TR: how the difference between modalities varies from reader to reader. Over "
        "cases: Var of a reader's number in a modality; covariances of the same reader in two "
        "modalities (Cov1), of two readers in one (Cov2), of two readers in two (Cov3).",
    )
