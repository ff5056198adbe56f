"""The paper's reader study on its public table: 14 readers, 1,440 breasts of 720 exams.

Paper: 'Reader study' and Figures 7, 8, S2. The table has 61 malignant breasts where the paper says
62, and not the paper's own ensemble.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.auc import auc
from fourview.evaluation.mean_curves import mean_precision_recall, mean_roc
from fourview.evaluation.mrmc import obuchowski_rockette
from fourview.evaluation.mrmc_bootstrap import resample_readers_and_patients
from fourview.evaluation.mrmc_measure import measured
from fourview.evaluation.mrmc_model import model_against_readers
from fourview.evaluation.precision_recall import average_precision
from fourview.evaluation.reader_study import (
    hybrid,
    hybrid_ensemble,
    hybrid_sweep,
    hybrids_and_readers,
    reader_ensemble,
    reader_scores,
    spread,
)

AUC_AND_AP = (
    ".7256/.2611 .7826/.3169 .8094/.3742 .8590/.4528 .7045/.2937 .7358/.3043 .7718/.3202 "
    ".7615/.3293 .7920/.3446 .7534/.2869 .7885/.3169 .8036/.3284 .8598/.3643 .7557/.2438"
)


@pytest.fixture(scope="module")
def table(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "data" / "reader_study.csv")


@pytest.fixture(scope="module")
def readers(table: pd.DataFrame) -> Ratings:
    names = [column for column in table if column.startswith("Reader")]
    breasts = [f"{exam}-{side}" for exam, side in zip(table.case_ID, table.side, strict=True)]
    return ratings_of(
        table[names].to_numpy().T,
        table.label.to_numpy(),
        modalities=["unaided"],
        readers=names,
        cases=breasts,
        patients=[str(exam) for exam in table.case_ID],
    )


def as_independent(ratings: Ratings) -> Ratings:
    """Each breast a patient of its own, as the known results were computed."""
    return ratings_of(ratings.values, ratings.truth, readers=ratings.readers)


def test_each_readers_auc_and_average_precision(readers: Ratings) -> None:
    found = " ".join(
        f"{score.auc:.4f}/{score.average_precision:.4f}".replace("0.", ".")
        for score in reader_scores(readers)
    )
    assert found == AUC_AND_AP


def test_mean_range_and_standard_deviation_over_readers(readers: Ratings) -> None:
    """AUC 0.705 to 0.860 (mean 0.778, sd 0.0435) and PRAUC 0.244 to 0.453 (sd 0.0496) in the
    paper; its mean PRAUC of 0.364 is not that of its table, 0.324."""
    scores = reader_scores(readers)
    of_auc = spread([score.auc for score in scores])
    of_ap = spread([score.average_precision for score in scores])
    assert of_auc.mean == pytest.approx(0.7788, abs=5e-5)
    assert of_auc.sd == pytest.approx(0.0436, abs=5e-5)
    assert (of_auc.low, of_auc.high) == pytest.approx((0.7045, 0.8598), abs=5e-5)
    assert of_ap.mean == pytest.approx(0.324, abs=5e-4)
    assert of_ap.sd == pytest.approx(0.0496, abs=5e-5)
    assert (of_ap.low, of_ap.high) == pytest.approx((0.2438, 0.4528), abs=5e-5)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("AI_GMIC_top5_POM", (0.881, 0.407)),
        ("AI_GMIC_top1_POM", (0.857, 0.353)),
        ("AI_GLAM_POM", (0.853, 0.236)),
        ("AI_DMVCNN_POM", (0.779, 0.167)),
        ("AI_frcnn_POM", (0.714, 0.231)),
        ("AI_end2end_inbreast_POM", (0.586, 0.123)),
        ("AI_end2end_ddsm_POM", (0.454, 0.039)),
    ],
)
def test_each_models_auc_and_average_precision(
    table: pd.DataFrame, model: str, expected: tuple[float, float]
) -> None:
    found = auc(table[model], table.label), average_precision(table[model], table.label)
    assert found == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("model", "mean_auc", "mean_ap", "gain", "low", "high", "f", "df", "p"),
    [
        ("AI_DMVCNN_POM", 0.852, 0.353, 0.0727, 0.0397, 0.1058, 18.810, 244.9, 2.11e-5),
        ("AI_GMIC_top5_POM", 0.887, 0.456, 0.1083, 0.0716, 0.1449, 34.146, 132.5, 3.76e-8),
    ],
)
def test_hybrids_against_readers(
    table: pd.DataFrame,
    readers: Ratings,
    model: str,
    mean_auc: float,
    mean_ap: float,
    gain: float,
    low: float,
    high: float,
    f: float,
    df: float,
    p: float,
) -> None:
    both = hybrids_and_readers(as_independent(readers), table[model], name=model)
    found = obuchowski_rockette(both)
    assert found.values[0].mean() == pytest.approx(mean_auc, abs=5e-4)
    assert measured(both, "average-precision")[0].mean() == pytest.approx(mean_ap, abs=5e-4)
    test = found.tests["RRRC"]
    assert (test.f, test.df2) == (pytest.approx(f, abs=5.1e-4), pytest.approx(df, abs=0.05))
    assert test.p == pytest.approx(p, rel=5e-3)
    difference = test.differences[0].estimate
    assert difference.value == pytest.approx(gain, abs=5e-5)
    assert difference.interval.low == pytest.approx(low, abs=5e-5)
    assert difference.interval.high == pytest.approx(high, abs=5e-5)


def test_breasts_of_an_exam_as_one_cluster_change_little_here(
    table: pd.DataFrame, readers: Ratings
) -> None:
    """Only one exam has two malignant breasts."""
    both = hybrids_and_readers(readers, table.AI_GMIC_top5_POM)
    by_exam = obuchowski_rockette(both).tests["RRRC"].differences[0].estimate
    by_breast = obuchowski_rockette(as_independent(both)).tests["RRRC"].differences[0].estimate
    assert by_exam.value == by_breast.value
    assert by_exam.standard_error == pytest.approx(by_breast.standard_error, rel=0.01)
    assert by_exam.standard_error != by_breast.standard_error


def test_ensembles_of_readers_and_with_a_model(table: pd.DataFrame, readers: Ratings) -> None:
    """Figure S2: the readers' mean is better than nearly any reader; a model adds little to it."""
    together = reader_ensemble(readers)
    assert auc(together, readers.truth) == pytest.approx(0.8946, abs=5e-5)
    assert average_precision(together, readers.truth) == pytest.approx(0.5146, abs=5e-5)
    mixed = hybrid_ensemble(readers, table.AI_GMIC_top5_POM)
    assert auc(mixed, readers.truth) == pytest.approx(0.9082, abs=5e-5)


def test_all_of_it_takes_seconds(table: pd.DataFrame, readers: Ratings) -> None:
    """The whole study under ten seconds; about three, most of it 2,000 draws for each of two
    tables."""
    started = time.process_time()
    reader_scores(readers)
    mean_roc(readers)
    curve = mean_precision_recall(readers)
    model_against_readers(readers, table.AI_DMVCNN_POM)
    hybrid_sweep(readers, table.AI_DMVCNN_POM)
    both = hybrids_and_readers(readers, table.AI_DMVCNN_POM)
    obuchowski_rockette(both)
    obuchowski_rockette(both, method="jackknife")
    drawn = resample_readers_and_patients(both, rng=np.random.default_rng(0), draws=2000)
    assert time.process_time() - started < 10
    # and the figures go together: areas under mean curves are mean areas
    assert np.trapezoid(curve.mean, curve.x) == pytest.approx(0.3241, abs=2e-4)
    mean_gain = measured(hybrid(readers, table.AI_DMVCNN_POM), "average-precision").mean()
    assert drawn.difference().value == pytest.approx(mean_gain - 0.3241, abs=1e-4)
    interval = drawn.difference().interval()
    assert interval.low < drawn.difference().value < interval.high
