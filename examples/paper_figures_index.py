# ruff: noqa: T201 (a script that prints)
"""Where each table and figure of the paper is, in a folder that `paper_figures.sh` filled.

    python examples/paper_figures_index.py RUN

Writes RUN/index.html and prints the list. Fails, naming it, if anything is missing or empty.
"""

from __future__ import annotations

import argparse
import csv
import html
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

NOTICE = (
    "Simulated: synthetic images, and random numbers in the place of networks. Nothing here says "
    "anything of patients, of readers or of a model."
)
LEAST_FIGURE_BYTES = 5_000


class Entry(NamedTuple):
    """A table or figure of the paper."""

    name: str
    what: str
    files: tuple[str, ...]
    page: str
    where: str = ""
    """Column and value of the rows that count, where a table holds others, too."""


MAIN, KINDS, READERS = "main/evaluation.html", "kinds/evaluation.html", "readers/reader-study.html"
REPRESENTATION = "representation/{}/representation"
BOTH, IMAGE = "image-and-heatmaps", "image-only"
ENTRIES = (
    Entry("Table 1", "AUCs on screening and biopsied populations", ("main/table-1.csv",), MAIN),
    Entry("Table S1", "By what models read", ("kinds/table-S1.csv",), KINDS),
    Entry("Table S2", "CC and MLO branches", ("main/table-S2.csv",), MAIN),
    Entry("Table S3", "Malignant or benign against normal", ("main/table-S3.csv",), MAIN),
    Entry("Malignant against benign", "The one-class biopsied population (SI)",
          ("main/scores.csv",), MAIN, "task=malignant against benign"),
    Entry("Table S4", "Model variants", ("kinds/table-S4.csv",), KINDS),
    Entry("Twenty models", "The ensemble of all four variants (SI)",
          ("kinds/table-S4.csv",), KINDS, "row=image-and-heatmaps (all variants)"),
    Entry("Table S6", "With and without pretraining", ("kinds/table-S6.csv",), KINDS),
    Entry("Figure 6", "AUCs by age and by breast density",
          ("main/figures/subgroups.png",), MAIN),
    Entry("Figure 7", "Curves of readers, hybrids and the model",
          ("readers/figures/curves.png",), READERS),
    Entry("Figure 8", "Hybrids by their weight", ("readers/figures/by-weight.png",), READERS),
    Entry("Figure 9", "What the image-and-heatmaps network represents",
          (f"{REPRESENTATION.format(BOTH)}.png",), f"{REPRESENTATION.format(BOTH)}.html"),
    Entry("Figure S1", "Correlations of predictions", ("main/figures/correlations.png",), MAIN),
    Entry("Figure S2", "Ensembles of readers and hybrids",
          ("readers/figures/ensembles.png",), READERS),
    Entry("Figure S3", "What the image-only network represents",
          (f"{REPRESENTATION.format(IMAGE)}.png",), f"{REPRESENTATION.format(IMAGE)}.html"),
    *(
        Entry(f"Figures S{first} to S{first + 2}", f"{kind.replace('-', ' ')}s of which the model "
              "was surest" if first < 10 else "greatest disagreements of model and readers",
              tuple(f"main/figures/{kind}-{number}.png" for number in (1, 2, 3)), MAIN)
        for first, kind in ((4, "false-positive"), (7, "false-negative"), (10, "disagreement"))
    ),
)  # fmt: skip


def missing(run: Path) -> list[str]:
    """What is not there or is empty, in words."""
    found = []
    for entry in ENTRIES:
        for name in (*entry.files, entry.page):
            why = _why_not(run / name, entry.where)
            if why:
                found.append(f"{entry.name}: {name} {why}")
    return found


def _why_not(path: Path, where: str) -> str:
    if not path.is_file():
        return "is not there"
    if path.suffix == ".png" and path.stat().st_size < LEAST_FIGURE_BYTES:
        return "is an empty picture"
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        column, _, value = where.partition("=")
        if not [row for row in rows if not where or row[column] == value]:
            return f"has no row{f' of {value}' if where else ''}"
    return ""


def index_page(entries: Sequence[Entry]) -> str:
    """A list with pictures, as HTML; its links are relative."""
    rows = []
    for entry in entries:
        pictures = "".join(
            f'<a href="{name}"><img src="{name}" alt="{html.escape(entry.name)}"></a>'
            for name in entry.files
            if name.endswith(".png")
        )
        files = ", ".join(f'<a href="{name}">{name.rpartition("/")[2]}</a>' for name in entry.files)
        rows.append(
            f"<section><h2>{html.escape(entry.name)}</h2><p>{html.escape(entry.what)}: {files}, on "
            f'<a href="{entry.page}">{entry.page}</a></p>{pictures}</section>'
        )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        "<title>Tables and figures of the paper, simulated</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
        "img{max-width:100%;max-height:24rem;margin:.3rem}h2{font-size:1.1rem;margin:2rem 0 0}"
        "p{margin:.2rem 0}.notice{background:#fff3cd;padding:.6rem 1rem}</style>"
        "<h1>Tables and figures of Wu et al. 2019, from simulated models</h1>"
        f'<p class="notice">{NOTICE}</p>{"".join(rows)}</html>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of paper_figures.sh")
    run = parser.parse_args().run
    lacking = missing(run)
    if lacking:
        sys.exit("missing: " + "\nmissing: ".join(lacking))
    (run / "index.html").write_text(index_page(ENTRIES), encoding="utf-8")
    for entry in ENTRIES:
        print(f"{entry.name:24} {', '.join(entry.files)}")
    print(f"{NOTICE}\n{run / 'index.html'}")


if __name__ == "__main__":
    main()
