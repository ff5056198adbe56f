"""The command on the paper's public table gives the numbers that are known of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command import fourview

AUC_AND_AP = (
    ".7256/.2611 .7826/.3169 .8094/.3742 .8590/.4528 .7045/.2937 .7358/.3043 .7718/.3202 "
    ".7615/.3293 .7920/.3446 .7534/.2869 .7885/.3169 .8036/.3284 .8598/.3643 .7557/.2438"
)


def test_the_public_table_gives_the_known_numbers(shared_data: Path, tmp_path: Path) -> None:
    table = shared_data / "data" / "reader_study.csv"
    done = fourview("reader-study", table, "--model", "AI_DMVCNN_POM", "--independent",
                    "--draws", "100", "--sweep", "3", "-o", tmp_path)  # fmt: skip
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "reader-study.json").read_text())
    each = [f"{row['auc']:.4f}/{row['average_precision']:.4f}" for row in found["readers"]]
    assert " ".join(each[:14]).replace("0.", ".") == AUC_AND_AP
    readers = found["summary"][0]
    assert (readers["mean"], readers["sd"]) == pytest.approx((0.7788, 0.0436), abs=5e-5)
    hybrids = {row["measure"]: row["mean"] for row in found["summary"][2:]}
    assert hybrids == pytest.approx({"auc": 0.852, "average-precision": 0.353}, abs=5e-4)
    test = found["tests"][0]
    assert test["analysis"] == "RRRC"
    assert (test["difference"], test["low"], test["high"]) == pytest.approx(
        (0.0727, 0.0397, 0.1058), abs=5e-5
    )
    assert (test["f"], test["df"], test["p"]) == pytest.approx((18.8, 244.9, 2.1e-5), rel=6e-3)
    lines = [row["trapezoid"] for row in found["readers"][:14]]
    spread = sum(lines) / 14, min(lines), max(lines)
    assert spread == pytest.approx((0.358, 0.259, 0.478), abs=5e-4)
    page = (tmp_path / "reader-study.html").read_text()
    assert "+0.0397 to +0.1058" in page
    assert "0.7045–0.8598" in page


def test_van_dykes_table_gives_the_components_that_are_known(
    shared_data: Path, tmp_path: Path
) -> None:
    done = fourview("reader-study", shared_data / "data" / "vandyke.csv", "--covariance",
                    "jackknife", "--draws", "10", "-o", tmp_path)  # fmt: skip
    assert done.code == 0, done.err
    (found,) = json.loads((tmp_path / "reader-study.json").read_text())["components"]
    names = ("ms_t", "ms_tr", "ms_r", "variance", "cov1", "cov2", "cov3")
    known = (0.00479617, 0.000551031, 0.00383620, 0.000802288, 0.000346614, 0.000344075)
    assert [found[name] for name in names] == pytest.approx([*known, 0.000239028], rel=2e-6)
    assert (tmp_path / "components.csv").read_text().count("\n") == 2
