"""`fourview plan-study`: its numbers are those of `evaluation`, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.mrmc import obuchowski_rockette
from fourview.evaluation.mrmc_sample_size import (
    Components,
    cases_needed,
    components_of,
    power,
    readers_needed,
)
from fourview.evaluation.reader_study import hybrids_and_readers
from support.command import Ran, fourview
from support.simulated_readers import simulated_ratings

READERS = ("ReaderA", "ReaderB", "ReaderC", "ReaderD", "ReaderE")
CASES = 90


def pilot() -> Ratings:
    return simulated_ratings(
        np.random.default_rng(8), readers=5, with_disease=30, without=60, better=0.4
    )


def write_long(path: Path, ratings: Ratings, *, missing: int = 0) -> Path:
    rows = ["reader,treatment,case,truth,rating"]
    for i, modality in enumerate(ratings.modalities):
        for j, reader in enumerate(ratings.readers):
            for n, case in enumerate(ratings.cases):
                own = "" if i == j == 0 and n < missing else repr(float(ratings.values[i, j, n]))
                rows.append(f"{reader},{modality},{case},{int(ratings.truth[n])},{own}")
    path.write_text("\n".join(rows))
    return path


def components() -> Components:
    return components_of(obuchowski_rockette(pilot()), cases=CASES)


def plan(table: Path, *options: str) -> tuple[Ran, dict[str, Any]]:
    done = fourview("plan-study", table, *options, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return done, found


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_long(tmp_path / "pilot.csv", pilot())


def test_cases_are_those_of_evaluation(table: Path) -> None:
    _, found = plan(
        table, "--effect", "0.15", "--readers", "8", "--readers", "12", "--power", "0.9"
    )
    for row, readers in zip(found["rows"], (8, 12), strict=True):
        few = cases_needed(components(), effect=0.15, readers=readers, wanted=0.9)
        assert few is not None
        assert (row["readers"], row["cases"], row["power"]) == (readers, few.cases, few.power)
        assert row["with_disease"] == round(few.cases / 3)
    assert found["components"] == pytest.approx(vars(components()))
    assert found["alpha"] == 0.05
    assert (found["pilot"]["readers"], found["pilot"]["cases"]) == (5, CASES)


def test_readers_are_those_of_evaluation_also_for_a_margin(table: Path) -> None:
    _, found = plan(table, "--margin", "0.15", "--cases", "150", "--cases", "300")
    assert (found["alpha"], found["effect"]) == (0.025, 0.0)
    for row, cases in zip(found["rows"], (150, 300), strict=True):
        few = readers_needed(components(), effect=0, cases=cases, margin=0.15, alpha=0.025)
        assert few is not None
        assert (row["readers"], row["cases"], row["df"]) == (few.readers, cases, few.df)


def test_with_both_the_power_of_each_pair_is_told(table: Path) -> None:
    options = ("--effect", "0.04", "--readers", "6", "--cases", "100", "--cases", "200")
    _, found = plan(table, *options, "--analysis", "FRRC", "--alpha", "0.01")
    expected = [
        power(components(), effect=0.04, readers=6, cases=n, analysis="FRRC", alpha=0.01).power
        for n in (100, 200)
    ]
    assert [row["power"] for row in found["rows"]] == expected
    assert [row["df"] for row in found["rows"]] == ["inf", "inf"]


def test_with_neither_the_cases_for_usual_numbers_of_readers_are_told(table: Path) -> None:
    done = fourview("plan-study", table, "--effect", "0.05")
    assert done.code == 0, done.err
    header, *rows = [line.split() for line in done.out.splitlines()]
    assert header == ["readers", "cases", "with", "the", "disease", "power"]
    assert [row[0] for row in rows] == ["4", "6", "8", "10", "15", "20"]
    few = cases_needed(components(), effect=0.05, readers=10)
    assert few is not None
    assert rows[3][1] == str(few.cases)


def test_where_no_number_does_it_is_said(table: Path) -> None:
    done = fourview("plan-study", table, "--effect", "0.002", "--readers", "2")
    assert done.code == 0, done.err
    assert "no number of cases reaches the power: take more readers" in done.out
    _, found = plan(table, "--effect", "0.002", "--cases", "10")
    assert found["rows"][0]["readers"] is None
    assert found["rows"][0]["power"] is None


def test_readers_and_their_hybrids_are_a_pilot_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    truth = np.arange(80) % 4 == 0
    own = np.clip(0.3 + 0.3 * truth + rng.normal(0, 0.2, (3, 80)), 0, 1).round(3)
    model = np.clip(0.3 + 0.3 * truth + rng.normal(0, 0.2, 80), 0, 1).round(3)
    lines = ["case,label,ReaderA,ReaderB,ReaderC,AI"]
    lines += [
        f"c{n},{int(truth[n])},{','.join(map(str, own[:, n]))},{model[n] if n < 76 else ''}"
        for n in range(80)
    ]
    (tmp_path / "wide.csv").write_text("\n".join(lines))
    done, found = plan(tmp_path / "wide.csv", "--model", "AI", "--effect", "0.05", "--readers", "9")
    ratings = ratings_of(own[:, :76], truth[:76], readers=READERS[:3])
    pair = hybrids_and_readers(ratings, model[:76])
    expected = components_of(obuchowski_rockette(pair), cases=76)
    assert found["components"] == pytest.approx(vars(expected))
    assert found["pilot"]["cases"] == 76
    assert "3 readers in the pilot: how readers vary" in done.err


def test_a_plan_is_written_with_its_page(table: Path, tmp_path: Path) -> None:
    done = fourview("plan-study", table, "--effect", "0.05", "-o", tmp_path / "a")
    assert done.code == 0, done.err
    assert str(tmp_path / "a" / "plan.html") in done.err
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {f"plan.{end}" for end in ("csv", "html", "json", "png", "svg")}
    with (tmp_path / "a" / "plan.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = json.loads((tmp_path / "a" / "plan.json").read_text())
    assert [row["cases"] for row in rows] == [
        "" if row["cases"] is None else str(row["cases"]) for row in numbers["rows"]
    ]
    assert rows[0]["remark"].startswith("no number of cases") != bool(rows[0]["cases"])
    page = " ".join((tmp_path / "a" / "plan.html").read_text().split())
    assert "plays no part" in page
    assert "33.3 %" in page
    assert fourview("plan-study", table, "--effect", "0.05", "-o", tmp_path / "b").code == 0
    for name in names:
        assert (tmp_path / "b" / name).read_bytes() == (tmp_path / "a" / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ((), 2, "the effect is 0, which no study finds"),
        (("--effect", "1.5"), 2, "the effect is 1.5"),
        (("--effect", "-0.05", "--margin", "0.05"), 2, "it is inferior"),
        (("--effect", "0.05", "--readers", "1"), 2, "the number of readers is 1; expected 2"),
        (("--effect", "0.05", "--alpha", "5"), 2, "the alpha is 5"),
        (("--effect", "0.05", "--model", "AI"), 1, "no column of a model"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    table: Path, options: tuple[str, ...], code: int, says: str
) -> None:
    done = fourview("plan-study", table, *options)
    assert done.code == code
    assert says in done.err
    assert "Traceback" not in done.err


def test_a_pilot_of_one_modality_or_with_much_missing_is_refused(tmp_path: Path) -> None:
    ratings = pilot()
    one = ratings_of(ratings.values[:1], ratings.truth)
    done = fourview("plan-study", write_long(tmp_path / "one.csv", one), "--effect", "0.05")
    assert done.code == 1
    assert "the pilot has one modality" in done.err
    gaps = write_long(tmp_path / "gaps.csv", ratings, missing=50)
    done = fourview("plan-study", gaps, "--effect", "0.05")
    assert done.code == 1
    assert "5.6 % of the pilot's ratings are missing" in done.err
    few = write_long(tmp_path / "few.csv", ratings, missing=9)
    done = fourview("plan-study", few, "--effect", "0.05")
    assert done.code == 0
    assert "warning: 1.0 % of the pilot's ratings are missing" in done.err
