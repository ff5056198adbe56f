"""The study that the field checks its programs on: five readers, two modalities, 114 patients.

P. A. VanDyke and others, RSNA 1993. The numbers are those that RJafroc (`VanDyke.txt` of the Iowa
programs, its tests of sample sizes) and MRMCaov (its article) print.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.mrmc import obuchowski_rockette
from fourview.evaluation.mrmc_covariance import CovarianceMethod
from fourview.evaluation.mrmc_sample_size import cases_needed, components_of, power
from fourview.evaluation.readers_mean import Analysis


@pytest.fixture(scope="module")
def vandyke(shared_data: Path) -> Ratings:
    table = pd.read_csv(shared_data / "data" / "vandyke.csv")
    wide = table.pivot_table(index="case", columns=["treatment", "reader"], values="rating")
    truth = table.groupby("case").truth.first().reindex(wide.index)
    return ratings_of(wide.to_numpy().T.reshape(2, 5, -1), truth.to_numpy())


def test_areas_and_mean_squares(vandyke: Ratings) -> None:
    found = obuchowski_rockette(vandyke)
    assert found.values.round(5).tolist() == [
        [0.91965, 0.85878, 0.90386, 0.97311, 0.82979],
        [0.94783, 0.90531, 0.92174, 0.99936, 0.92995],
    ]
    assert found.values.mean(axis=1).round(5).tolist() == [0.89704, 0.94084]
    squares = found.mean_squares
    assert squares.modality == pytest.approx(0.00479617, abs=5e-9)
    assert squares.modality_reader == pytest.approx(0.000551031, abs=5e-10)
    assert squares.reader == pytest.approx(0.00383620, abs=5e-9)


def test_the_jackknifes_analysis(vandyke: Ratings) -> None:
    found = obuchowski_rockette(vandyke, method="jackknife")
    errors = found.errors
    assert errors.variance == pytest.approx(0.000802288, abs=5e-10)
    assert errors.cov1 == pytest.approx(0.000346614, abs=5e-10)
    assert errors.cov2 == pytest.approx(0.000344075, abs=5e-10)
    assert errors.cov3 == pytest.approx(0.000239028, abs=5e-10)
    both = found.tests["RRRC"]
    assert both.f == pytest.approx(4.456319, abs=5e-7)
    assert both.df2 == pytest.approx(15.25967, abs=5e-6)
    assert both.p == pytest.approx(0.05166569, abs=5e-9)
    difference = both.differences[0].estimate
    assert difference.value == pytest.approx(-0.04380032, abs=5e-9)
    assert difference.standard_error == pytest.approx(0.02074862, abs=5e-9)
    assert difference.interval.low == pytest.approx(-0.08795950, abs=5e-9)
    assert difference.interval.high == pytest.approx(0.00035885, abs=5e-9)
    assert found.tests["FRRC"].p == pytest.approx(0.01927984, abs=5e-9)
    assert found.tests["RRFC"].p == pytest.approx(0.04195875, abs=5e-9)


@pytest.mark.parametrize(
    ("method", "f", "df", "p"),
    [("delong", 4.484854, 15.06611, 0.05123303), ("unbiased", 4.489614, 15.03418, 0.0511618)],
)
def test_the_other_covariances(
    vandyke: Ratings, method: CovarianceMethod, f: float, df: float, p: float
) -> None:
    test = obuchowski_rockette(vandyke, method=method).tests["RRRC"]
    assert test.f == pytest.approx(f, abs=5e-7)
    assert test.df2 == pytest.approx(df, abs=5e-6)
    assert test.p == pytest.approx(p, abs=5e-8)


def test_delongs_interval(vandyke: Ratings) -> None:
    interval = obuchowski_rockette(vandyke).tests["RRRC"].differences[0].estimate.interval
    assert interval.low == pytest.approx(-0.0878671960, abs=5e-11)
    assert interval.high == pytest.approx(0.0002665519, abs=5e-11)


def test_the_bootstrap_comes_near(vandyke: Ratings) -> None:
    found = obuchowski_rockette(vandyke, method="bootstrap", rng=np.random.default_rng(0))
    assert found.errors.variance == pytest.approx(0.000802, rel=0.1)
    assert found.tests["RRRC"].p == pytest.approx(0.0517, abs=0.01)


@pytest.mark.parametrize(
    ("analysis", "readers", "cases", "expected"),
    [
        ("RRRC", 10, 165, 0.80541995),
        ("FRRC", 10, 131, 0.80091813),
        ("RRFC", 10, 53, 0.80496663),
        ("RRRC", 6, 111, 0.5526116),
    ],
)
def test_the_power_of_a_study_planned_from_it(
    vandyke: Ratings, analysis: Analysis, readers: int, cases: int, expected: float
) -> None:
    pilot = components_of(obuchowski_rockette(vandyke, method="jackknife"), cases=114)
    planned = power(pilot, effect=0.043800322, readers=readers, cases=cases, analysis=analysis)
    assert planned.power == pytest.approx(expected, abs=5e-8)


def test_six_readers_need_251_cases(vandyke: Ratings) -> None:
    pilot = components_of(obuchowski_rockette(vandyke, method="jackknife"), cases=114)
    needed = cases_needed(pilot, effect=0.043800322, readers=6)
    assert needed is not None
    assert needed.cases == 251
    assert needed.power == pytest.approx(0.801, abs=5e-4)
