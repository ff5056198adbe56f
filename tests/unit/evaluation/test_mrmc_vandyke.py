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


@pytest.mark.parametrize(
    ("analysis", "errors", "lows", "highs"),
    [
        ("RRRC", (0.03307642, 0.02150464), (0.8253461, 0.8942155), (0.9687280, 0.9874592)),
        ("RRFC", (0.02482994, 0.01615303), (0.8280981, 0.8959894), (0.9659760, 0.9856854)),
    ],
)
def test_each_modalitys_mean(
    vandyke: Ratings,
    analysis: Analysis,
    errors: tuple[float, float],
    lows: tuple[float, float],
    highs: tuple[float, float],
) -> None:
    means = [mean.by[analysis] for mean in obuchowski_rockette(vandyke).means]
    assert [mean.standard_error for mean in means] == pytest.approx(errors, abs=6e-9)
    assert [mean.interval.low for mean in means] == pytest.approx(lows, abs=6e-8)
    assert [mean.interval.high for mean in means] == pytest.approx(highs, abs=6e-8)


def test_fixed_readers_means_and_each_reader(vandyke: Ratings) -> None:
    found = obuchowski_rockette(vandyke, method="jackknife")
    fixed = [mean.by["FRRC"] for mean in found.means]
    assert [each.standard_error for each in fixed] == pytest.approx(
        [0.02428971, 0.01677632], abs=6e-9
    )
    assert found.tests["FRRC"].f == pytest.approx(5.475953, abs=6e-7)
    differences = [found.of_reader(reader) for reader in range(5)]
    assert [each.p() for each in differences] == pytest.approx(
        [0.26933885, 0.07683102, 0.56683414, 0.12901715, 0.02300099], abs=6e-9
    )
    assert differences[4].interval.low == pytest.approx(-0.186512066, abs=6e-10)
    best = found.each[1][3]
    assert best.standard_error == pytest.approx(0.0007213348, abs=6e-11)
    assert (best.interval.low, best.interval.high) == pytest.approx((0.9979421, 1.0), abs=6e-8)


def nested(vandyke: Ratings, axis: int) -> Ratings:
    """As if each modality (0) or reader (1) had had patients of its own."""
    n = len(vandyke.cases)
    own = vandyke.values.shape[axis]
    values = np.full((2, 5, own * n), np.nan)
    for group in range(own):
        here = (slice(None), group) if axis else (group, slice(None))
        values[(*here, slice(group * n, (group + 1) * n))] = vandyke.values[here]
    return ratings_of(values, np.tile(vandyke.truth, own))


def test_patients_of_their_own_for_each_reader(vandyke: Ratings) -> None:
    found = obuchowski_rockette(nested(vandyke, 1), method="jackknife")
    test = found.tests["RRRC"]
    assert (test.f, test.df2, test.p) == pytest.approx((8.704, 4, 0.04195875), abs=6e-9)
    assert found.errors.cov2 == found.errors.cov3 == 0
    # MRMCaov takes all 570 patients for n in (n - 1) / n, here it is the reader's own 114
    by_all = (569 / 570) / (113 / 114)
    assert found.errors.variance * by_all == pytest.approx(8.079682e-04, abs=6e-11)
    assert found.errors.cov1 * by_all == pytest.approx(3.490676e-04, abs=6e-11)


def test_patients_of_their_own_for_each_modality(vandyke: Ratings) -> None:
    found = obuchowski_rockette(nested(vandyke, 0), method="jackknife")
    assert found.errors.cov1 == found.errors.cov3 == 0
    by_all = (227 / 228) / (113 / 114)
    assert found.errors.variance * by_all == pytest.approx(8.058382e-04, abs=6e-11)
    assert found.errors.cov2 * by_all == pytest.approx(3.455973e-04, abs=6e-11)
    # its F is 2.104491 and p 0.1514363; the factor makes the difference
    assert found.tests["RRRC"].f == pytest.approx(2.104491, rel=0.005)
    assert found.tests["RRRC"].p == pytest.approx(0.1514363, abs=0.001)


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
