"""The paper's tables: which appear, with which rows, from which models."""

from __future__ import annotations

import math

import numpy as np

from fourview.core.breasts import BreastScores
from fourview.core.model_kind import kind_in_name
from fourview.performance.numbers.paper_tables import PaperTable, paper_tables, table_cells
from fourview.performance.numbers.rows import ScoreRow, SinglesRow
from fourview.performance.population.models import Model, Network, variants_together

NOTHING = BreastScores(np.empty(0), np.empty(0))


def model(name: str, *, branches: bool = False) -> Model:
    """A model whose name tells its kind."""
    of = {"CC": NOTHING, "MLO": NOTHING} if branches else {}
    return Model(name, kind_in_name(name), (Network("a", NOTHING, of), Network("b", NOTHING, of)))


def tables(*models: Model) -> dict[str, PaperTable]:
    """The tables of models whose areas are numbered in their order."""
    together = tuple(variants_together(models))
    scores, singles = [], []
    for number, one in enumerate((*models, *together)):
        for population in ("screening", "biopsied"):
            for task in ("malignant", "benign", "either"):
                for branch in ("", *one.positions):
                    area = 0.5 + number / 100 + (0.2 if task == "benign" else 0)
                    where = {"population": population, "task": task, "model": one.name,
                             "branch": branch}  # fmt: skip
                    scores.append(
                        ScoreRow(**where, networks=2, breasts=9, cases=3, auc=area,
                                 auc_low=area - 0.1, auc_high=area + 0.1, average_precision=0,
                                 average_precision_low=0, average_precision_high=0, remark="")
                    )  # fmt: skip
                    if one not in together:
                        singles.append(
                            SinglesRow(**where, networks=2, auc_mean=area - 0.01, auc_sd=0.005,
                                       average_precision_mean=0, average_precision_sd=0)
                        )  # fmt: skip
    return {table.name: table for table in paper_tables(models, together, scores, singles)}


def rows(table: PaperTable, population: str = "screening") -> list[str]:
    return [row.row for row in table.rows if row.population == population]


def test_table_1_has_the_two_main_models_in_the_papers_order() -> None:
    found = tables(model("image-and-heatmaps"), model("image-only/view-wise/pretrained"))
    assert found.keys() == {"table-1", "table-S3"}
    assert rows(found["table-1"]) == ["image-only", "image-and-heatmaps"]
    assert rows(found["table-1"], "biopsied") == ["image-only", "image-and-heatmaps"]
    first = next(table_cells(found["table-1"]))
    assert (first["malignant_ensemble"], first["benign_ensemble"]) == (0.51, 0.71)
    assert (first["malignant_single_mean"], first["malignant_single_sd"]) == (0.5, 0.005)
    assert rows(found["table-S3"], "biopsied") == []


def test_each_table_comes_with_its_own_rows() -> None:
    found = tables(
        model("image-only/view-wise/pretrained", branches=True),
        model("image-only/view-wise/random"),
        model("image-only/joint/pretrained"),
        model("heatmaps-only/view-wise/pretrained"),
    )
    assert rows(found["table-1"]) == ["image-only"]
    assert rows(found["table-S1"]) == ["image-only", "heatmaps-only"]
    assert rows(found["table-S2"]) == ["image-only", "image-only (CC)", "image-only (MLO)"]
    assert rows(found["table-S4"]) == [
        "image-only (view-wise)",
        "image-only (joint)",
        "image-only (all variants)",
        "heatmaps-only (view-wise)",
    ]
    assert rows(found["table-S6"]) == [
        "image-only (pretrained)",
        "image-only (random)",
        "heatmaps-only (pretrained)",
    ]
    assert math.isnan(found["table-S4"].rows[2].cells[0].single_mean)


def test_a_random_beginning_is_no_main_model_and_one_not_told_is_no_pretrained_one() -> None:
    found = tables(model("image-only/view-wise/random"), model("image-and-heatmaps"))
    assert rows(found["table-1"]) == ["image-and-heatmaps"]
    assert rows(found["table-S6"]) == ["image-only (random)"]


def test_two_models_of_one_row_are_told_apart_by_name() -> None:
    found = tables(model("ours/image-only"), model("theirs/image-only"))
    assert rows(found["table-1"]) == [
        "image-only, ours/image-only",
        "image-only, theirs/image-only",
    ]


def test_a_model_whose_inputs_are_not_told_is_in_no_table() -> None:
    assert tables(model("ours"), model("joint")) == {}


def test_ensembles_over_variants_do_not_mix_beginnings_or_inputs() -> None:
    names = ("image-only/joint/random", "image-only/view-wise/pretrained", "heatmaps/image-wise")
    assert list(variants_together([model(name) for name in names])) == []
    (together,) = variants_together([model("image/joint/random"), model("image/view-wise/random")])
    assert len(together.networks) == 4
