"""The flow count as a table, a diagram, and lines for a terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from fourview.cohort.flow import (
    BENIGN,
    BIOPSIED,
    BIRADS,
    BOTH,
    EXAMS,
    EXCLUDED,
    LABELLED,
    MALIGNANT,
    NEITHER,
    NOT_BIOPSIED,
    Flow,
    FlowCount,
)
from fourview.core.data_recipe import LabelRecipe
from fourview.io.atomic import write_file
from fourview.io.tables import write_table
from fourview.report.flow_figure import FlowBox, FlowDiagram, flow_svg

COLUMNS = ("step", "group", "patients", "exams", "breasts")


def write_flow(out: Path, flow: Flow, recipe: LabelRecipe) -> None:
    """Write flow.csv and flow.svg."""
    write_table(out / "flow.csv", COLUMNS, map(asdict, flow.counts))
    write_file(out / "flow.svg", flow_svg(diagram_of(flow, recipe)))


def flow_lines(flow: Flow) -> list[str]:
    """The table, for a terminal."""
    lines = [("", "patients", "exams", "breasts")]
    for one in flow.counts:
        name = f"  {one.group}" if one.group else one.step
        if one.step == BIRADS:
            name = f"BI-RADS {one.group}"
        lines.append((name, f"{one.patients:,}", f"{one.exams:,}", f"{one.breasts:,}"))
    first = max(len(line[0]) for line in lines)
    widths = [max(len(line[column]) for line in lines) for column in (1, 2, 3)]
    return [
        line[0].ljust(first)
        + "".join(f"  {cell:>{w}}" for cell, w in zip(line[1:], widths, strict=True))
        for line in lines
    ]


def diagram_of(flow: Flow, recipe: LabelRecipe) -> FlowDiagram:
    """The diagram of a flow count."""
    excluded = flow.of(EXCLUDED)
    reasons = tuple(f"{_upper(one.group)} (n = {one.exams:,})" for one in flow.groups(EXCLUDED))
    groups = {one.group: one for one in flow.groups(BIOPSIED)}
    matched = [f"{recipe.first_day} to {recipe.last_day} days after the exam"]
    names = {MALIGNANT: "Malignant", BENIGN: "Benign", BOTH: "Both", NEITHER: "Neither"}
    matched += [f"  {name}: {_counted(groups[group])}" for group, name in names.items()]
    assessed = [
        f"BI-RADS {one.group}: {_exams(one.exams)}" for one in flow.groups(BIRADS) if one.exams
    ]
    stayed = flow.of(LABELLED)
    return FlowDiagram(
        start=FlowBox(f"Exams (n = {flow.of(EXAMS).exams:,})", (_patients(flow.of(EXAMS)),)),
        left=FlowBox(f"Excluded (n = {excluded.exams:,})", reasons) if excluded.exams else None,
        stayed=FlowBox(f"Labelled (n = {stayed.exams:,})", (_patients(stayed), *assessed)),
        ends=(
            FlowBox(f"Matched with a biopsy (n = {flow.of(BIOPSIED).exams:,})", tuple(matched)),
            FlowBox(
                f"Not matched with a biopsy (n = {flow.of(NOT_BIOPSIED).exams:,})",
                ("No finding in either breast",),
            ),
        ),
    )


def _patients(count: FlowCount) -> str:
    return f"{count.patients:,} patient{'' if count.patients == 1 else 's'}"


def _exams(n: int) -> str:
    return f"{n:,} exam{'' if n == 1 else 's'}"


def _counted(count: FlowCount) -> str:
    return f"{_exams(count.exams)}, {count.breasts:,} breast{'' if count.breasts == 1 else 's'}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
