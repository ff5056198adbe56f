"""Tables 1, S1, S2, S3, S4 and S6 of Wu et al., with the rows that the models given fill."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from fourview.core.weights import INPUTS, VARIANTS
from fourview.performance.numbers.rows import ScoreRow, SinglesRow
from fourview.performance.population.models import Model

PAPER_POPULATIONS = ("screening", "biopsied")
MAIN_VARIANT = "view-wise"


@dataclass(frozen=True)
class PaperCell:
    """A model in one task: its single networks, and their ensemble."""

    single_mean: float
    single_sd: float
    ensemble: float
    low: float
    high: float


@dataclass(frozen=True)
class PaperRow:
    """A row of a table; a cell for each of the table's tasks."""

    population: str
    row: str
    """As the paper calls it: `image-only (CC)`."""
    model: str
    networks: int
    cells: tuple[PaperCell, ...]


@dataclass(frozen=True)
class PaperTable:
    """One of the paper's tables, filled as far as the models go."""

    name: str
    """`table-1`."""
    title: str
    tasks: tuple[str, ...]
    rows: tuple[PaperRow, ...]


@dataclass(frozen=True)
class _Line:
    """Which model a row is of."""

    row: str
    model: Model
    branch: str = ""


@dataclass(frozen=True)
class _Plan:
    name: str
    title: str
    lines: Callable[[Sequence[Model], Sequence[Model]], list[_Line]]
    """From the models, and the ensembles over variants."""
    is_there: Callable[[list[_Line]], bool]
    tasks: tuple[str, ...] = ("malignant", "benign")
    populations: tuple[str, ...] = PAPER_POPULATIONS


def paper_tables(
    models: Sequence[Model],
    together: Sequence[Model],
    scores: Iterable[ScoreRow],
    singles: Iterable[SinglesRow],
) -> tuple[PaperTable, ...]:
    """The tables whose own rows are there: Table S2 needs branches, S4 a second variant, …

    A model whose inputs are not told is in none of them; one whose variant or beginning is not told
    stands where the paper's main models do, but never among Table S6's rows.
    """
    areas = {(one.population, one.task, one.model, one.branch): one for one in scores}
    spreads = {(one.population, one.task, one.model, one.branch): one for one in singles}
    found = []
    for plan in _PLANS:
        lines = _told_apart(plan.lines(models, together))
        if not lines or not plan.is_there(lines):
            continue
        rows = [
            _row(plan, population, line, areas, spreads)
            for population in plan.populations
            for line in lines
            if (population, plan.tasks[0], line.model.name, line.branch) in areas
        ]
        found.append(PaperTable(plan.name, plan.title, plan.tasks, tuple(rows)))
    return tuple(found)


_Key = tuple[str, str, str, str]


def _row(
    plan: _Plan,
    population: str,
    line: _Line,
    areas: dict[_Key, ScoreRow],
    spreads: dict[_Key, SinglesRow],
) -> PaperRow:
    cells = []
    for task in plan.tasks:
        key = (population, task, line.model.name, line.branch)
        area, spread = areas[key], spreads.get(key)
        cells.append(
            PaperCell(
                spread.auc_mean if spread else math.nan,
                spread.auc_sd if spread else math.nan,
                area.auc,
                area.auc_low,
                area.auc_high,
            )
        )
    return PaperRow(population, line.row, line.model.name, len(line.model.networks), tuple(cells))


def _told_apart(lines: list[_Line]) -> list[_Line]:
    """Two models that would fill the same row stand there by name."""
    rows = [line.row for line in lines]
    return [
        _Line(f"{line.row}, {line.model.name}", line.model, line.branch)
        if rows.count(line.row) > 1
        else line
        for line in lines
    ]


def _is_main(model: Model) -> bool:
    """View-wise and pretrained, as far as it is told."""
    kind = model.kind
    return kind.variant in ("", MAIN_VARIANT) and kind.beginning in ("", "pretrained")


def _by_inputs(models: Iterable[Model], inputs: Sequence[str]) -> Iterator[Model]:
    """In the paper's order of inputs."""
    models = list(models)
    for one in inputs:
        yield from (model for model in models if model.kind.inputs == one)


def _main_lines(inputs: Sequence[str]) -> Callable[[Sequence[Model], Sequence[Model]], list[_Line]]:
    def lines(models: Sequence[Model], _: Sequence[Model]) -> list[_Line]:
        found = _by_inputs(filter(_is_main, models), inputs)
        return [_Line(model.kind.inputs_word, model) for model in found]

    return lines


def _branch_lines(models: Sequence[Model], _: Sequence[Model]) -> list[_Line]:
    found = []
    for model in _by_inputs(filter(_is_main, models), _TWO_INPUTS):
        word = model.kind.inputs_word
        found.append(_Line(word, model))
        found += [_Line(f"{word} ({at})", model, at) for at in model.positions]
    return found


def _variant_lines(models: Sequence[Model], together: Sequence[Model]) -> list[_Line]:
    pretrained = [one for one in models if one.kind.beginning in ("", "pretrained")]
    found = []
    for inputs in INPUTS:
        for variant in VARIANTS:
            found += [
                _Line(f"{one.kind.inputs_word} ({variant})", one)
                for one in pretrained
                if (one.kind.inputs, one.kind.variant) == (inputs, variant)
            ]
        found += [
            _Line(f"{one.kind.inputs_word} (all variants)", one)
            for one in together
            if one.kind.inputs == inputs and one.kind.beginning in ("", "pretrained")
        ]
    return found


def _beginning_lines(models: Sequence[Model], _: Sequence[Model]) -> list[_Line]:
    told = [one for one in models if one.kind.beginning and one.kind.variant in ("", MAIN_VARIANT)]
    return [
        _Line(f"{one.kind.inputs_word} ({one.kind.beginning})", one)
        for one in _by_inputs(sorted(told, key=lambda one: one.kind.beginning), INPUTS)
    ]


_TWO_INPUTS = ("image", "image-and-heatmaps")
_ON_BOTH = "on screening and biopsied populations"
_PLANS = (
    _Plan(
        "table-1",
        f"Table 1. AUCs of models {_ON_BOTH}",
        _main_lines(_TWO_INPUTS),
        bool,
    ),
    _Plan(
        "table-S1",
        f"Table S1. AUCs of model input variants {_ON_BOTH}",
        _main_lines(INPUTS),
        lambda lines: any(line.model.kind.inputs == "heatmaps" for line in lines),
    ),
    _Plan(
        "table-S2",
        f"Table S2. AUCs of CC and MLO model branches {_ON_BOTH}",
        _branch_lines,
        lambda lines: any(line.branch for line in lines),
    ),
    _Plan(
        "table-S3",
        "Table S3. AUCs of models on the task of classifying malignant/benign vs normal",
        _main_lines(_TWO_INPUTS),
        bool,
        tasks=("either",),
        populations=("screening",),
    ),
    _Plan(
        "table-S4",
        f"Table S4. AUCs of model variants {_ON_BOTH}",
        _variant_lines,
        lambda lines: any(line.model.kind.variant != MAIN_VARIANT for line in lines),
    ),
    _Plan(
        "table-S6",
        f"Table S6. AUCs of models {_ON_BOTH}, with and without BI-RADS pretraining",
        _beginning_lines,
        lambda lines: any(line.model.kind.beginning == "random" for line in lines),
    ),
)
NAMES = tuple(plan.name for plan in _PLANS)


def table_columns(table: PaperTable) -> list[str]:
    """The header of its CSV."""
    numbers = ("single_mean", "single_sd", "ensemble", "ensemble_low", "ensemble_high")
    return [
        *("population", "row", "model", "networks"),
        *(f"{task.replace(' ', '_')}_{name}" for task in table.tasks for name in numbers),
    ]


def table_cells(table: PaperTable) -> Iterator[dict[str, str | int | float]]:
    """Its rows by column; NaN where a number is not defined."""
    columns = table_columns(table)
    for row in table.rows:
        numbers = [
            value
            for cell in row.cells
            for value in (cell.single_mean, cell.single_sd, cell.ensemble, cell.low, cell.high)
        ]
        values: list[str | int | float] = [row.population, row.row, row.model, row.networks]
        yield dict(zip(columns, [*values, *numbers], strict=True))
