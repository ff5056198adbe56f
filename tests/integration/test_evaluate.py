"""`fourview evaluate`: its numbers, counted again here another way, and what it refuses."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.prediction import ExamPrediction
from fourview.core.views import Finding, Label, Laterality
from fourview.evaluation.delong import delong
from support.command import Ran, assert_written_nowhere, fourview
from support.simulated_population import (
    SimulatedExam,
    predictions,
    simulated_exams,
    write_run,
    write_truth,
)

FEW = ("--draws", "60")
EXAMS = simulated_exams(110, share=0.5)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without figures, which take most of the time."""
    monkeypatch.setattr("fourview.performance.run.figures_of", lambda *_, **__: ())


def numbers(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "evaluation.json").read_text())
    return found


def rows(out: Path, name: str, **wanted: str) -> list[dict[str, Any]]:
    """The rows of a table of the JSON whose cells are the wanted ones."""
    return [
        row for row in numbers(out)[name] if all(row[key] == value for key, value in wanted.items())
    ]


def one(out: Path, name: str, **wanted: str) -> dict[str, Any]:
    (row,) = rows(out, name, **wanted)
    return row


def pairs_in_order(cases: Iterable[float], others: Iterable[float]) -> float:
    """The AUC, pair by pair."""
    won = [(a > b) + 0.5 * (a == b) for a, b in itertools.product(cases, others)]
    return float(np.mean(won))


def precision_at_each_case(scores: list[float], truth: list[bool]) -> float:
    """Average precision, case by case, for scores without ties."""
    order = np.argsort(-np.array(scores))
    hits = np.array(truth)[order]
    return float(np.mean([hits[: i + 1].mean() for i in np.flatnonzero(hits)]))


def breasts(
    exams: Iterable[SimulatedExam], said: Mapping[str, Mapping[Label, float]]
) -> list[dict[str, Any]]:
    """Each breast with its truth and probabilities."""
    found = []
    for exam in exams:
        for side in Laterality:
            cell = {"exam": exam}
            for label in Label:
                if label.laterality is side:
                    cell[f"is {label.finding.value}"] = exam.labels[label]  # type: ignore[assignment]
                    cell[f"p {label.finding.value}"] = said[exam.name][label]  # type: ignore[assignment]
            found.append(cell)
    return found


def area(cells: list[dict[str, Any]], finding: str) -> float:
    return pairs_in_order(
        (one[f"p {finding}"] for one in cells if one[f"is {finding}"]),
        (one[f"p {finding}"] for one in cells if not one[f"is {finding}"]),
    )


def means(said: list[ExamPrediction]) -> dict[str, dict[Label, float]]:
    found = {}
    for prediction in said:
        values = prediction.probabilities
        found[prediction.exam] = {label: float(values[label] or 0.0) for label in Label}
    return found


GOOD, POOR = (
    predictions(EXAMS, skill=2.0, networks=3, seed=5),
    predictions(EXAMS, skill=0.8, networks=2, variant="image-wise", seed=6),
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """Two models on one population, with all tables."""
    folder = tmp_path_factory.mktemp("evaluate")
    write_truth(folder, EXAMS)
    write_run(folder / "good", GOOD, inputs="image-and-heatmaps")
    write_run(folder / "poor", POOR, variant="image-wise")
    lines = ["case_ID,side,label,ReaderA", *(f"{e.name},L,0,0.5" for e in EXAMS[::2])]
    (folder / "readers.csv").write_text("\n".join(lines))
    done = fourview(
        "evaluate", f"good={folder / 'good'}", folder / "poor",
        "--labels", folder / "labels.csv", "--exams", folder / "exams.csv",
        "--findings", folder / "findings.csv", "--readers", folder / "readers.csv",
        "--by", "site", "--threshold", "0.15", "--prevalence", "0.01",
        "-o", folder / "out", *FEW,
    )  # fmt: skip
    assert done.code == 0, done.err
    return folder / "out", done


def test_areas_are_those_of_pairs_of_breasts(ran: tuple[Path, Ran]) -> None:
    cells = breasts(EXAMS, means(GOOD))
    for finding in ("malignant", "benign"):
        row = one(ran[0], "scores", population="screening", task=finding, model="good", branch="")
        assert row["auc"] == pytest.approx(area(cells, finding), abs=1e-12)
        truth = [cell[f"is {finding}"] for cell in cells]
        scores = [cell[f"p {finding}"] for cell in cells]
        assert row["average_precision"] == pytest.approx(precision_at_each_case(scores, truth))
        patients = [exam.patient for exam in EXAMS for _ in Laterality]
        interval = delong(scores, truth, patients=patients).interval()
        assert (row["auc_low"], row["auc_high"]) == pytest.approx((interval.low, interval.high))
        assert (row["breasts"], row["cases"], row["networks"]) == (220, sum(truth), 3)


def test_the_biopsied_population_has_both_breasts_of_biopsied_exams(
    ran: tuple[Path, Ran],
) -> None:
    those = [exam for exam in EXAMS if exam.biopsied]
    cells = breasts(those, means(GOOD))
    row = one(ran[0], "scores", population="biopsied", task="malignant", model="good", branch="")
    assert row["breasts"] == 2 * len(those)
    assert row["auc"] == pytest.approx(area(cells, "malignant"))
    count = one(ran[0], "populations", population="biopsied")
    both = sum(cell["is malignant"] and cell["is benign"] for cell in cells)
    neither = sum(not cell["is malignant"] and not cell["is benign"] for cell in cells)
    assert (count["both"], count["neither"]) == (both, neither)
    read = one(ran[0], "populations", population="reader study")
    assert read["exams"] == len(EXAMS[::2])


def test_tasks_of_the_supplement_are_asked_as_it_says(ran: tuple[Path, Ran]) -> None:
    """SI: the larger prediction against normal; predictions that sum to one among one class."""
    cells = breasts(EXAMS, means(GOOD))
    either = [cell["is malignant"] or cell["is benign"] for cell in cells]
    larger = [max(cell["p malignant"], cell["p benign"]) for cell in cells]
    wanted = {"population": "screening", "model": "good", "branch": ""}
    row = one(ran[0], "scores", task="either", **wanted)
    assert row["auc"] == pytest.approx(
        pairs_in_order(
            [score for score, case in zip(larger, either, strict=True) if case],
            [score for score, case in zip(larger, either, strict=True) if not case],
        )
    )
    part = [
        (cell["p malignant"] / (cell["p malignant"] + cell["p benign"]), cell["is malignant"])
        for cell in cells
        if cell["is malignant"] != cell["is benign"]
    ]
    row = one(ran[0], "scores", task="malignant against benign", **wanted)
    assert row["breasts"] == len(part)
    assert row["auc"] == pytest.approx(
        pairs_in_order([s for s, case in part if case], [s for s, case in part if not case])
    )


def test_single_networks_and_branches_are_measured_by_themselves(ran: tuple[Path, Ran]) -> None:
    of_network, of_branch = [], []
    for k in range(3):
        said = {p.exam: p.models[k].mean for p in GOOD}
        of_network.append(area(breasts(EXAMS, said), "malignant"))  # type: ignore[arg-type]
        branch = {
            p.exam: {
                label: np.mean([one.branches["CC"][label] for one in p.models[k].passes])
                for label in Label
            }
            for p in GOOD
        }
        of_branch.append(area(breasts(EXAMS, branch), "malignant"))  # type: ignore[arg-type]
    wanted = {"population": "screening", "task": "malignant", "model": "good"}
    found = one(ran[0], "singles", branch="", **wanted)
    assert found["auc_mean"] == pytest.approx(np.mean(of_network))
    assert found["auc_sd"] == pytest.approx(
        np.sqrt(np.mean((of_network - np.mean(of_network)) ** 2))
    )
    each = [row["auc"] for row in rows(ran[0], "networks", branch="CC", **wanted)]
    assert each == pytest.approx(of_branch)
    assert rows(ran[0], "networks", branch="MLO", model="poor")  # of L-MLO and R-MLO


def test_an_ensemble_of_image_wise_branches_is_of_the_breasts_own_views(
    ran: tuple[Path, Ran],
) -> None:
    said = {}
    for p in POOR:
        said[p.exam] = {
            label: np.mean(
                [
                    one.branches[f"{label.laterality.value}-CC"][label]
                    for model in p.models
                    for one in model.passes
                ]
            )
            for label in Label
        }
    row = one(ran[0], "scores", population="screening", task="benign", model="poor", branch="CC")
    assert row["auc"] == pytest.approx(area(breasts(EXAMS, said), "benign"))  # type: ignore[arg-type]


def test_the_papers_tables_hold_the_numbers_of_the_others(ran: tuple[Path, Ran]) -> None:
    with (ran[0] / "table-1.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["population"], first["row"]) == ("screening", "image-and-heatmaps")
    assert second["population"] == "biopsied"
    area_row = one(
        ran[0], "scores", population="screening", task="malignant", model="good", branch=""
    )
    assert float(first["malignant_ensemble"]) == area_row["auc"]
    spread = one(ran[0], "singles", population="screening", task="benign", model="good", branch="")
    assert float(first["benign_single_sd"]) == spread["auc_sd"]
    made = set(numbers(ran[0])["paper_tables"])
    assert made == {"table-1", "table-S2", "table-S3", "table-S4"}
    s4 = [row["row"] for row in numbers(ran[0])["paper_tables"]["table-S4"][:2]]
    assert s4 == ["image-only (image-wise)", "image-and-heatmaps (view-wise)"]


def test_differences_are_first_less_second(ran: tuple[Path, Ran]) -> None:
    wanted = {"population": "screening", "task": "malignant"}
    good, poor = (
        one(ran[0], "scores", model=name, branch="", **wanted) for name in ("good", "poor")
    )
    for measure, key in (("auc", "auc"), ("average-precision", "average_precision")):
        row = one(ran[0], "differences", measure=measure, **wanted)
        assert (row["first"], row["second"]) == ("good", "poor")
        assert row["difference"] == pytest.approx(good[key] - poor[key])
        assert row["low"] < row["difference"] < row["high"]


def test_recalls_count_breasts(ran: tuple[Path, Ran]) -> None:
    cells = breasts(EXAMS, means(GOOD))
    called = [cell for cell in cells if cell["p malignant"] >= 0.15]
    row = one(ran[0], "recalls", population="screening", task="malignant", model="good")
    assert row["rule"] == "threshold 0.15"
    tp = sum(cell["is malignant"] for cell in called)
    n_cases = sum(cell["is malignant"] for cell in cells)
    assert row["true_positives"] == tp
    assert row["sensitivity"] == tp / n_cases
    assert row["recall_rate"] == len(called) / len(cells)
    specificity = 1 - (len(called) - tp) / (len(cells) - n_cases)
    bayes = 0.01 * row["sensitivity"] / (0.01 * row["sensitivity"] + 0.99 * (1 - specificity))
    assert row["ppv_at_prevalence"] == pytest.approx(bayes)
    assert row["sensitivity_low"] <= row["sensitivity"] <= row["sensitivity_high"]
    benign = one(ran[0], "recalls", population="screening", task="benign", model="good")
    assert benign["ppv_at_prevalence"] is None  # the share was told of malignant findings


def test_exams_are_counted_as_one_with_the_higher_score(ran: tuple[Path, Ran]) -> None:
    said = means(GOOD)
    women = [
        (
            max(said[e.name][Label.LEFT_MALIGNANT], said[e.name][Label.RIGHT_MALIGNANT]),
            e.labels[Label.LEFT_MALIGNANT] or e.labels[Label.RIGHT_MALIGNANT],
        )
        for e in EXAMS
    ]
    wanted = {"population": "screening, by exam", "task": "malignant", "model": "good"}
    row = one(ran[0], "scores", **wanted)
    assert (row["breasts"], row["networks"]) == (len(EXAMS), 3)
    cases, others = ([s for s, case in women if case is kind] for kind in (True, False))
    assert row["auc"] == pytest.approx(pairs_in_order(cases, others))
    recalled = one(ran[0], "recalls", **wanted)
    assert recalled["recall_rate"] == np.mean([s >= 0.15 for s, _ in women])
    assert recalled["true_positives"] == sum(s >= 0.15 for s in cases)
    assert recalled["ppv_at_prevalence"] is None  # which is a share of breasts


def test_subgroups_are_parts_of_the_screening_population(ran: tuple[Path, Ran]) -> None:
    cells = breasts(EXAMS, means(GOOD))
    old = [cell for cell in cells if 60 <= cell["exam"].age < 70]
    row = one(ran[0], "subgroups", column="age", group="60–69", task="malignant", model="good")
    assert row["breasts"] == len(old)
    assert row["auc"] == pytest.approx(area(old, "malignant"))
    columns = list(dict.fromkeys(row["column"] for row in numbers(ran[0])["subgroups"]))
    assert columns == ["age", "density", "manufacturer", "site", "finding type"]
    for column in columns[:4]:
        of = rows(ran[0], "subgroups", column=column, task="benign", model="poor")
        assert sum(row["breasts"] for row in of) == len(cells)
        assert sum(row["cases"] for row in of) == sum(cell["is benign"] for cell in cells)


def test_finding_types_are_held_against_all_without_the_finding(ran: tuple[Path, Ran]) -> None:
    of = rows(ran[0], "subgroups", column="finding type", task="malignant", model="good")
    cells = breasts(EXAMS, means(GOOD))
    n_cases = sum(cell["is malignant"] for cell in cells)
    assert sum(row["cases"] for row in of) == n_cases  # one finding of a class a breast
    assert {row["breasts"] - row["cases"] for row in of} == {len(cells) - n_cases}
    assert of[-1]["group"] == "occult"


def test_correlations_are_over_exams(ran: tuple[Path, Ran]) -> None:
    said = means(GOOD)
    pair = [
        [said[exam.name][label] for exam in EXAMS]
        for label in (Label.LEFT_BENIGN, Label.LEFT_MALIGNANT)
    ]
    row = one(ran[0], "correlations", model="good", first="left benign", second="left malignant")
    assert row["correlation"] == pytest.approx(np.corrcoef(pair)[0, 1])
    assert row["exams"] == len(EXAMS)


def test_probabilities_are_judged_as_they_are_and_cross_fitted(ran: tuple[Path, Ran]) -> None:
    cells = breasts(EXAMS, means(GOOD))
    raw = one(ran[0], "calibration", task="malignant", model="good", probabilities="as they are")
    brier = np.mean([(cell["p malignant"] - cell["is malignant"]) ** 2 for cell in cells])
    assert raw["brier"] == pytest.approx(brier)
    platt = one(ran[0], "calibration", task="malignant", model="good", probabilities="Platt")
    assert "cross-fitted over patients in 5 folds" in platt["remark"]
    assert abs(platt["mean_predicted"] - platt["observed"]) < 0.02
    of = rows(ran[0], "reliability", task="malignant", model="good", probabilities="Platt")
    assert sum(row["cases"] for row in of) == platt["cases"]
    decisions = rows(
        ran[0], "decisions", task="malignant", model="good", probabilities="as they are"
    )
    for row in decisions[::20]:
        t = row["threshold"]
        called = [cell for cell in cells if cell["p malignant"] >= t]
        tp = sum(cell["is malignant"] for cell in called)
        n_cases = sum(cell["is malignant"] for cell in cells)
        fpr = (len(called) - tp) / (len(cells) - n_cases)
        worth = 0.01 * tp / n_cases - 0.99 * fpr * t / (1 - t)
        assert row["net_benefit"] == pytest.approx(worth, abs=1e-9)


def test_every_table_and_figure_is_there_and_no_patient_is_named(ran: tuple[Path, Ran]) -> None:
    out = ran[0]
    for name in ("scores", "networks", "singles", "differences", "recalls", "subgroups",
                 "correlations", "calibration", "reliability", "decisions", "curves",
                 "populations"):  # fmt: skip
        with (out / f"{name}.csv").open(newline="") as file:
            assert len(list(csv.DictReader(file))) == len(numbers(out)[name])
    figures = {path.stem for path in (out / "figures").glob("*.svg")}
    assert figures >= {"curves-screening", "curves-biopsied", "curves-reader-study", "subgroups",
                       "subgroups-site", "subgroups-finding-type", "correlations",
                       "reliability-malignant", "decisions-benign"}  # fmt: skip
    page = (out / "evaluation.html").read_text()
    assert "Table S2" in page
    assert "cross-fitted over patients" in page
    assert page.count("<img src") == len(figures)
    assert_written_nowhere(["secret", str(out.parent)], out)


@pytest.mark.usefixtures("undrawn")
def test_the_same_call_gives_the_same_bytes_and_takes_away_what_is_no_more(
    ran: tuple[Path, Ran], tmp_path: Path
) -> None:
    folder = ran[0].parent
    call = ("--labels", folder / "labels.csv", "--exams", folder / "exams.csv", *FEW)
    for out in ("a", "b"):
        done = fourview("evaluate", folder / "poor", *call, "-o", tmp_path / out)
        assert done.code == 0, done.err
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert all(
        (tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files
    )
    assert "differences.csv" not in map(str, files)
    (tmp_path / "a" / "figures").mkdir()
    (tmp_path / "a" / "figures" / "subgroups-moon.svg").touch()
    again = fourview("evaluate", folder / "good/predictions.csv", *call, "-o", tmp_path / "a")
    assert again.code == 0, again.err
    left = {path.name for path in (tmp_path / "a").iterdir()}
    assert not left & {"table-S2.csv", "table-S4.csv", "differences.csv"}
    assert not list((tmp_path / "a" / "figures").iterdir())


@pytest.mark.usefixtures("undrawn")
def test_seeds_of_one_name_are_one_model_and_a_csv_is_one_network(tmp_path: Path) -> None:
    write_truth(tmp_path, EXAMS)
    seeds = [predictions(EXAMS, skill=1.5, seed=s) for s in (1, 2)]
    for number, said in enumerate(seeds):
        write_run(tmp_path / f"s{number}", said)
    done = fourview(
        "evaluate", f"ours={tmp_path / 's0'}", f"ours={tmp_path / 's1/predictions.csv'}",
        "--labels", tmp_path / "labels.csv", "--exams", tmp_path / "exams.csv",
        "-o", tmp_path / "out", *FEW,
    )  # fmt: skip
    assert done.code == 0, done.err
    (model,) = numbers(tmp_path / "out")["models"]
    assert (model["name"], model["networks"]) == ("ours", ["seed 1, net0", "seed 2"])
    assert model["kind"] == "image-only/view-wise/pretrained"
    mean = {
        exam: {label: (a[label] + b[label]) / 2 for label in Label}
        for (exam, a), b in zip(means(seeds[0]).items(), means(seeds[1]).values(), strict=True)
    }
    row = one(tmp_path / "out", "scores", population="screening", task="malignant", branch="")
    assert row["auc"] == pytest.approx(area(breasts(EXAMS, mean), "malignant"))


@pytest.mark.usefixtures("undrawn")
def test_networks_of_different_kinds_in_one_file_are_models_of_their_own(tmp_path: Path) -> None:
    write_truth(tmp_path, EXAMS)
    folder = write_run(tmp_path / "both", predictions(EXAMS, skill=1.5, networks=3))
    run = json.loads((folder / "run.json").read_text())
    run["weights"][1]["inputs"] = "image-and-heatmaps"
    (folder / "run.json").write_text(json.dumps(run))
    done = fourview("evaluate", folder, "--labels", tmp_path / "labels.csv", "--exams",
                    tmp_path / "exams.csv", "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == 0, done.err
    assert [(one["name"], one["networks"]) for one in numbers(tmp_path / "out")["models"]] == [
        ("both (image-only/view-wise/pretrained)", ["net0", "net2"]),
        ("both (image-and-heatmaps/view-wise/pretrained)", ["net1"]),
    ]


@pytest.mark.usefixtures("undrawn")
def test_variants_of_the_same_inputs_make_an_ensemble_of_all_networks(tmp_path: Path) -> None:
    """SI, 'Model variants': twenty networks of four variants."""
    write_truth(tmp_path, EXAMS)
    said = {v: predictions(EXAMS, skill=1.5, variant=v, seed=i)
            for i, v in enumerate(("view-wise", "joint"))}  # fmt: skip
    for variant, of in said.items():
        write_run(tmp_path / variant, of, variant=variant)
    done = fourview(
        "evaluate", tmp_path / "view-wise", tmp_path / "joint", "--labels",
        tmp_path / "labels.csv", "--exams", tmp_path / "exams.csv", "-o", tmp_path / "out", *FEW,
    )  # fmt: skip
    assert done.code == 0, done.err
    table = numbers(tmp_path / "out")["paper_tables"]["table-S4"]
    row = next(row for row in table if row["row"].endswith("(all variants)"))
    a, b = (means(of) for of in said.values())
    mean = {exam: {label: (a[exam][label] + b[exam][label]) / 2 for label in Label} for exam in a}
    assert row["networks"] == 2
    assert row["malignant_ensemble"] == pytest.approx(area(breasts(EXAMS, mean), "malignant"))
    assert row["malignant_single_mean"] is None


@pytest.mark.usefixtures("undrawn")
def test_a_recalibration_is_used_on_other_exams_only(tmp_path: Path) -> None:
    names = [exam.name for exam in EXAMS]
    half = {name: ("validation", "test")[i % 2] for i, name in enumerate(names)}
    write_truth(tmp_path, EXAMS, **half)
    write_run(tmp_path / "good", GOOD)
    tables = (("--labels", "labels"), ("--exams", "exams"), ("--splits", "splits"))
    given = [part for option, name in tables for part in (option, tmp_path / f"{name}.csv")]
    call = ("evaluate", tmp_path / "good", *given, *FEW)
    done = fourview(*call, "--split", "validation", "-o", tmp_path / "validation")
    assert done.code == 0, done.err  # predictions of the other split are no fault
    fits = tmp_path / "validation" / "recalibrations.json"
    used = fourview(*call, "--split", "test", "--recalibration", fits, "-o", tmp_path / "test")
    assert used.code == 0, used.err
    row = one(tmp_path / "test", "calibration", task="malignant", probabilities="Platt")
    assert "fitted on other exams" in row["remark"]
    fit = next(f["fit"] for f in json.loads(fits.read_text())["recalibrations"]
               if (f["task"], f["probabilities"]) == ("malignant", "Platt"))  # fmt: skip
    p = np.array([c["p malignant"] for c in breasts(EXAMS, means(GOOD))
                  if half[c["exam"].name] == "test"])  # fmt: skip
    line = fit["intercept"] + fit["slope"] * np.log(p / (1 - p))
    assert row["mean_predicted"] == pytest.approx(np.mean(1 / (1 + np.exp(-line))))
    other = fourview("evaluate", f"x={tmp_path / 'good'}", *call[2:], "--split", "test",
                     "--recalibration", fits, "-o", tmp_path / "no")  # fmt: skip
    assert other.code == 1
    assert "no fit of x; there are fits of good" in other.err
    same = fourview(*call, "--split", "validation", "--recalibration", fits, "-o", tmp_path / "no")
    assert same.code == 1
    assert "was fitted on 55 exams" in same.err
    assert not (tmp_path / "no").exists()


@pytest.mark.usefixtures("undrawn")
def test_what_is_missing_is_left_out_counted_and_said(tmp_path: Path) -> None:
    """Labels without predictions, predictions without labels, breasts not read; the models are
    compared on what is common to them."""
    write_truth(tmp_path, EXAMS[:100])
    write_run(tmp_path / "good", GOOD[10:])  # the last ten have no labels
    text = (write_run(tmp_path / "poor", POOR) / "predictions.csv").read_text().splitlines()
    cells = text[50].split(",")
    cells[1] = cells[3] = ""  # the left breast
    text[50] = ",".join(cells)
    (tmp_path / "poor.csv").write_text("\n".join(text))
    done = fourview(
        "evaluate", tmp_path / "good", tmp_path / "poor.csv", "--labels", tmp_path / "labels.csv",
        "--exams", tmp_path / "exams.csv", "-o", tmp_path / "out", *FEW,
    )  # fmt: skip
    assert done.code == 3, done.err
    said = numbers(tmp_path / "out")["left_out"]
    assert said == [
        "10 exams (e0000, e0001, e0002, …) with labels and no prediction by good",
        "10 exams (e0100, e0101, e0102, …) predicted by good, without labels",
        "10 exams (e0100, e0101, e0102, …) predicted by poor, without labels",
        "1 breast of predicted exams that poor did not read, for all models",
    ]
    assert all(f"left out: {text}" in done.err for text in said)
    for model in ("good", "poor"):
        row = one(tmp_path / "out", "scores", population="screening", task="benign", model=model,
                  branch="")  # fmt: skip
        assert row["breasts"] == 2 * 90 - 1
    correlated = rows(tmp_path / "out", "correlations", model="good")
    assert correlated[0]["exams"] == 89


@pytest.mark.usefixtures("undrawn")
def test_an_exam_of_which_one_breast_was_read_counts_by_breast_alone(tmp_path: Path) -> None:
    write_truth(tmp_path, EXAMS)
    said = means(GOOD)
    text = [
        f"{name},,{p[Label.RIGHT_BENIGN]},,{p[Label.RIGHT_MALIGNANT]}" for name, p in said.items()
    ]
    (tmp_path / "right.csv").write_text("\n".join([HEADER, *text]))
    done = fourview("evaluate", tmp_path / "right.csv", "--labels", tmp_path / "labels.csv",
                    "--exams", tmp_path / "exams.csv", "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == 3, done.err
    assert "110 breasts of predicted exams that right did not read" in done.err
    task = {"task": "malignant", "branch": ""}
    row = one(tmp_path / "out", "scores", population="screening", **task)
    cells = breasts(EXAMS, said)[1::2]
    assert row["auc"] == pytest.approx(area(cells, "malignant"))
    row = one(tmp_path / "out", "scores", population="screening, by exam", **task)
    assert (row["breasts"], row["auc"]) == (0, None)
    assert row["remark"] == "not defined: there is no breast"


@pytest.mark.usefixtures("undrawn")
def test_without_patients_each_exam_counts_as_one_and_that_is_said(tmp_path: Path) -> None:
    write_truth(tmp_path, EXAMS)
    write_run(tmp_path / "good", GOOD)
    done = fourview("evaluate", tmp_path / "good", "--labels", tmp_path / "labels.csv",
                    "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == 0, done.err
    assert "the patient of 110 exams" in done.err
    assert one(tmp_path / "out", "populations", population="screening")["patients"] == 110


def no_finding(exams: list[SimulatedExam], finding: Finding) -> list[SimulatedExam]:
    return [
        SimulatedExam(**{**vars(exam), "labels": {
            label: value and label.finding is not finding for label, value in exam.labels.items()
        }})
        for exam in exams
    ]  # fmt: skip


def test_one_class_and_a_constant_score_are_told_and_not_guessed(tmp_path: Path) -> None:
    exams = no_finding(EXAMS, Finding.MALIGNANT)
    write_truth(tmp_path, exams)
    header = ",".join(["exam", *(label.value for label in Label)])
    text = [header, *(f"{exam.name},0.2,0.2,0.2,0.2" for exam in exams)]
    (tmp_path / "same.csv").write_text("\n".join(text))
    done = fourview(
        "evaluate", tmp_path / "same.csv", "--labels", tmp_path / "labels.csv", "--exams",
        tmp_path / "exams.csv", "-o", tmp_path / "out", *FEW,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "no breast with a malignant finding" in done.err
    wanted = {"population": "screening", "branch": ""}
    row = one(tmp_path / "out", "scores", task="malignant", **wanted)
    assert row["auc"] is None
    assert row["average_precision"] is None
    assert row["remark"] == "not defined: no breasts are cases"
    row = one(tmp_path / "out", "scores", task="benign", **wanted)
    assert (row["auc"], row["auc_low"]) == (0.5, None)
    assert "every breast has the same score" in row["remark"]
    why = "same, benign: every breast has the score 0.2, so the AUC is 0.5 whatever the truth"
    assert f"warning: {why}" in done.err
    assert "same, benign: AUC 0.5000 (no interval: AUC's interval: every breast has" in done.err
    assert "same, malignant: every breast has the score" not in done.err
    assert why in (tmp_path / "out" / "evaluation.html").read_text()
    assert any(said.startswith(why) for said in numbers(tmp_path / "out")["warnings"])
    assert all(row["auc"] is None for row in rows(tmp_path / "out", "subgroups", task="malignant"))
    line = one(tmp_path / "out", "calibration", task="benign", probabilities="Platt")
    assert "not recalibrated: every breast has the score 0.2" in line["remark"]
    assert rows(tmp_path / "out", "correlations")[1]["remark"] == "a prediction is the same for all"
    assert "not defined" in (tmp_path / "out" / "evaluation.html").read_text()


@pytest.mark.usefixtures("undrawn")
def test_ten_exams_are_enough_to_run_and_it_is_said_that_they_are_few(tmp_path: Path) -> None:
    few = [exam for exam in EXAMS if exam.biopsied][:10]
    write_truth(tmp_path, few)
    write_run(tmp_path / "good", predictions(few, skill=2.0))
    done = fourview("evaluate", tmp_path / "good", "--labels", tmp_path / "labels.csv",
                    "--exams", tmp_path / "exams.csv", "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == 0, done.err
    assert "intervals may not hold what they promise" in done.err
    row = one(tmp_path / "out", "calibration", task="malignant", probabilities="isotonic")
    assert "too few for 5 folds" in row["remark"]


HEADER = ",".join(["exam", *(label.value for label in Label)])


@pytest.mark.parametrize(
    ("text", "options", "code", "says"),
    [
        (f"{HEADER}\ne0000,0.1,0.2,0.3,1.2", [], 1, "right_malignant is '1.2'"),
        (f"{HEADER}\ne0000,0.1,0.2,0.3,nan", [], 1, "right_malignant is 'nan'"),
        (f"{HEADER}\ne0000,0,0,0,0\ne0000,0,0,0,0", [], 1, "stands there twice"),
        (f"{HEADER}\nx,0.1,0.2,0.3,0.4", [], 1, "no breast has a label and a prediction"),
        (f"{HEADER}\ne0000,,,,", [], 1, "no breast has a label and a prediction"),
        ("exam,left_benign\ne0000,1", [], 1, "no column"),
        (None, [], 1, "no such file or folder"),
        (f"{HEADER}\ne0000,0.1,0.2,0.3,0.4", ["--by", "moon"], 1, "no column 'moon'"),
        (f"{HEADER}\ne0000,0.1,0.2,0.3,0.4", ["--split", "test"], 2, "--split without --splits"),
        (f"{HEADER}\ne0000,0.1,0.2,0.3,0.4", ["--threshold", "7"], 2, "the threshold is 7"),
        (f"{HEADER}\ne0000,0.1,0.2,0.3,0.4", ["--prevalence", "2"], 2, "--prevalence is 2"),
        (f"{HEADER}\ne0000,0.1,0.2,0.3,0.4", ["--recalibration", "no.json"], 1, "no.json: cannot"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("undrawn")
def test_what_cannot_be_evaluated_is_refused(
    tmp_path: Path, text: str | None, options: list[str], code: int, says: str
) -> None:
    write_truth(tmp_path, EXAMS[:4])
    if text is not None:
        (tmp_path / "p.csv").write_text(text)
    done = fourview("evaluate", tmp_path / "p.csv", "--labels", tmp_path / "labels.csv", "--exams",
                    tmp_path / "exams.csv", *options, "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == code, done.err
    assert done.err.startswith("error: ")
    assert says in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


def test_names_that_contradict_or_collide_are_refused(tmp_path: Path) -> None:
    write_truth(tmp_path, EXAMS)
    write_run(tmp_path / "a" / "run", POOR, inputs="image-and-heatmaps")
    write_run(tmp_path / "b" / "run", POOR)
    call = ("--labels", tmp_path / "labels.csv", "-o", tmp_path / "out")
    for arguments, code, says in (
        ([f"image-only={tmp_path / 'a/run'}"], 1, "says image, not image-and-heatmaps"),
        ([tmp_path / "a/run", tmp_path / "b/run"], 2, "two predictions are called 'run'"),
        ([f"x={tmp_path / 'a/run'}", f"x={tmp_path / 'a/run'}"], 2, "stands twice among the seeds"),
        (["=a"], 2, "neither PATH nor NAME=PATH"),
    ):
        done = fourview("evaluate", *arguments, *call)
        assert (done.code, says in done.err) == (code, True), done.err
