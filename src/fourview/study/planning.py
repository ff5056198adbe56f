"""How many readers and cases a study takes, from what a pilot study varied by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.mrmc import Mrmc, obuchowski_rockette
from fourview.evaluation.mrmc_measure import Measure
from fourview.evaluation.mrmc_sample_size import (
    Components,
    Power,
    cases_needed,
    components_of,
    power,
    readers_needed,
)
from fourview.evaluation.reader_study import hybrids_and_readers
from fourview.study.model_scores import StudyInput
from fourview.study.options import StudyOptions
from fourview.study.plan_options import USUAL_READERS, PlanOptions

MOST_MISSING = 0.05
"""Of the pilot's ratings: beyond it, readers read different cases, and the number of cases by which
the variances are scaled is none that a planned study has."""
_PILOT_DRAWS = 6


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One number of readers with one of cases."""

    readers: int | None
    """None where no number reaches the power; so are `cases`."""
    cases: int | None
    with_disease: int | None
    """At the pilot's share."""
    power: float
    """NaN where no number reaches the power."""
    noncentrality: float
    df: float
    remark: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """What was planned, and from what."""

    measure: Measure
    first: str
    second: str
    """The pilot's modalities."""
    pilot_readers: int
    pilot_cases: int
    pilot_patients: int
    pilot_with_disease: int
    difference: float
    """The pilot's, of the first two modalities: not to be taken for the effect."""
    components: Components
    rows: tuple[PlanRow, ...]
    remarks: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the pilot's cases that have the disease."""
        return self.pilot_with_disease / self.pilot_cases


def plan_from(read: StudyInput, options: StudyOptions, planned: PlanOptions) -> Plan:
    """The plan, from a pilot of two modalities or more, or of readers and their hybrids.

    Raises:
        TableError: the pilot has one modality and no model, one reader, or too many ratings
            missing; or see `obuchowski_rockette`.
    """
    ratings = read.table.ratings
    if options.independent:
        ratings = replace(ratings, patients=ratings.cases)
    if read.scores is not None:
        weight = options.reader_weight
        ratings = hybrids_and_readers(
            ratings, read.scores, reader_weight=weight, name=options.model
        )
    ratings = _read_by_somebody(ratings)
    remarks = _remarks(ratings)
    mrmc = obuchowski_rockette(
        ratings,
        measure=options.measure,
        method=options.methods[options.measure],
        rng=np.random.default_rng([options.seed, _PILOT_DRAWS]),
        draws=options.draws,
        level=options.level,
    )
    if len(ratings.modalities) < 2:
        raise TableError(
            "the pilot has one modality; what readers and cases vary by is seen between two",
            hint="give a long table with a column treatment, or --model for readers and hybrids",
        )
    components = components_of(mrmc, cases=len(ratings.cases))
    share = float(ratings.truth.mean())
    return Plan(
        measure=options.measure,
        first=ratings.modalities[0],
        second=ratings.modalities[1],
        pilot_readers=len(ratings.readers),
        pilot_cases=len(ratings.cases),
        pilot_patients=len(set(ratings.patients)),
        pilot_with_disease=int(ratings.truth.sum()),
        difference=float(mrmc.values[0].mean() - mrmc.values[1].mean()),
        components=components,
        rows=tuple(plan_rows(components, planned, share=share)),
        remarks=(*read.remarks, *remarks, *_of_components(mrmc, components)),
    )


def _read_by_somebody(ratings: Ratings) -> Ratings:
    """Without cases that no reader rated, or the model: they are none of the pilot."""
    rated = np.flatnonzero(~np.isnan(ratings.values).all(axis=(0, 1)))
    return replace(
        ratings,
        cases=tuple(ratings.cases[i] for i in rated),
        patients=tuple(ratings.patients[i] for i in rated),
        truth=ratings.truth[rated],
        values=ratings.values[:, :, rated],
    )


def _remarks(ratings: Ratings) -> tuple[str, ...]:
    missing = float(np.isnan(ratings.values).mean())
    if missing > MOST_MISSING:
        raise TableError(
            f"{100 * missing:.1f} % of the pilot's ratings are missing; a plan is for readers who "
            f"all read all cases, and takes {100 * MOST_MISSING:g} % at most",
            hint="leave out readers or cases that are incomplete",
        )
    if missing:
        return (f"{100 * missing:.1f} % of the pilot's ratings are missing and counted as if read",)
    return ()


def _of_components(mrmc: Mrmc, components: Components) -> Iterator[str]:
    yield from mrmc.remarks
    if components.modality_reader < 0:
        yield (
            "the pilot's readers differ less in the difference than its cases explain: V_TR is "
            "below 0 and counts as 0, and the plan is on the hopeful side"
        )
    if len(mrmc.readers) < 5:
        yield (
            f"{len(mrmc.readers)} readers in the pilot: how readers vary (V_TR) is known badly, "
            "and so is what the plan says of readers"
        )


def plan_rows(components: Components, planned: PlanOptions, *, share: float) -> Iterator[PlanRow]:
    """A row for each number that was asked for.

    Args:
        share: Of cases with the disease.
    """
    effect, alpha = planned.true_effect, planned.test_alpha
    analysis, margin, wanted = planned.analysis, planned.margin, planned.wanted
    if planned.readers and planned.cases:
        for readers in planned.readers:
            for cases in planned.cases:
                found = power(
                    components, effect=effect, readers=readers, cases=cases, analysis=analysis,
                    alpha=alpha, margin=margin,
                )  # fmt: skip
                yield _row(found, share, readers, cases)
    elif planned.cases:
        for cases in planned.cases:
            few = readers_needed(
                components, effect=effect, cases=cases, wanted=wanted, analysis=analysis,
                alpha=alpha, margin=margin,
            )  # fmt: skip
            yield _row(few, share, None, cases)
    else:
        for readers in planned.readers or USUAL_READERS:
            few = cases_needed(
                components, effect=effect, readers=readers, wanted=wanted, analysis=analysis,
                alpha=alpha, margin=margin,
            )  # fmt: skip
            yield _row(few, share, readers, None)


def _row(found: Power | None, share: float, readers: int | None, cases: int | None) -> PlanRow:
    if found is None:
        nothing = math.nan
        why = (
            "no number of readers reaches the power: take more cases"
            if readers is None
            else "no number of cases reaches the power: take more readers"
        )
        with_disease = None if cases is None else round(share * cases)
        return PlanRow(
            readers=readers, cases=cases, with_disease=with_disease, power=nothing,
            noncentrality=nothing, df=nothing, remark=why,
        )  # fmt: skip
    return PlanRow(
        readers=found.readers, cases=found.cases, with_disease=round(share * found.cases),
        power=found.power, noncentrality=found.noncentrality, df=found.df,
    )  # fmt: skip
