"""`fourview describe`: the page's numbers, what it lets in, and what does not stop it."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.views import View
from fourview.io.masks import write_mask
from support.command import fourview
from support.small_exams import SHAPE, small_exam, write_exam_files

HOSTILE = "</bdi><script>alert(1)</script>\"'& <b>Co</b>"
SMALL = [
    *("--set", "crop.erosion_px=5", "--set", "crop.buffer_px=3"),
    *("--set", "window.cc=[160,120]", "--set", "window.mlo=[176,112]"),
    *("--set", "window.location_noise_px=6", "--set", "window.size_noise_px=6"),
]
LABELS = "exam,left_benign,right_benign,left_malignant,right_malignant,biopsied,birads"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four exams of three patients; the last has no labels, and lacks a file."""
    head = ["exam", "patient", "study_date", "view", "path", "status", "reason", "age", "density"]
    rows = [[*head, "manufacturer", "rows", "columns"]]
    for number in range(4):
        name = f"e{number}"
        write_exam_files(tmp_path, small_exam(name, number))
        maker = HOSTILE if number == 1 else "Acme"
        for view in View:
            if (number, view) != (2, View.R_MLO):
                date, file = f"2019-01-{number + 1:02}", f"{name}_{view.value}.png"
                cells = [name, f"secret{number // 2 * 2}", date, view.value, file, "", ""]
                rows.append([*cells, str(41 + 10 * number), "abcd"[number], maker, "200", "150"])
    rows.append(["e0", "secret0", "2019-01-01", "", "spot.png", "set aside", "<i>spot", *[""] * 5])
    with (tmp_path / "exams.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    (tmp_path / "labels.csv").write_text(
        f"{LABELS}\ne0,1,0,1,0,1,0\ne1,0,0,0,0,0,1\ne2,0,1,0,0,1,0\n"
    )
    (tmp_path / "splits.csv").write_text("exam,split\ne0,training\ne1,training\ne2,test\ne3,test\n")
    (tmp_path / "e3_L-CC.png").unlink()
    return tmp_path


def describe(data: Path, *more: str | Path, out: str = "out/describe.html") -> tuple[str, Any]:
    ran = fourview("describe", data / "exams.csv", "-o", data / out, *SMALL, *more)
    assert ran.code == 3, ran.err
    assert ran.out == f"{data / out}\n"
    assert "refused: e3, L-CC: cannot be read: No such file or directory\n" in ran.err
    assert "secret" not in ran.err
    page = (data / out).read_text(encoding="utf-8")
    return page, json.loads((data / out).with_suffix(".json").read_text(encoding="utf-8"))


class _Tables(HTMLParser):
    """The rows of each table, as texts, under the last heading before it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._heading, self._text = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in ("h2", "h3", "th", "td"):
            self._text = ""
        elif tag == "tr":
            self.found.setdefault(self._heading, []).append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h2", "h3"):
            self._heading = self._text.strip()
        elif tag in ("th", "td"):
            self.found[self._heading][-1].append(self._text.strip())

    def handle_data(self, data: str) -> None:
        self._text += data


def test_the_page_the_json_and_the_tables_say_the_same_numbers(data: Path) -> None:
    page, numbers = describe(data, "--labels", data / "labels.csv", "--splits", data / "splits.csv")
    with (data / "exams.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not row["status"]]
    tallies = numbers["tallies"]
    told = {one["name"]: one["n"] for one in tallies["view"]["counts"]}
    assert told == Counter(row["view"] for row in rows)
    makers = {row["exam"]: row["manufacturer"] for row in rows}
    told = {one["name"]: one["n"] for one in tallies["manufacturer"]["counts"]}
    assert told == Counter(makers.values())
    assert (numbers["images"], numbers["used"]) == (16, 15)
    whole = numbers["summaries"][-1]
    assert [whole[key] for key in ("exams", "patients", "labelled", "biopsied")] == [4, 2, 3, 2]
    assert [whole[key] for key in ("malignant", "benign", "both")] == [1, 2, 1]
    tables = _Tables(page).found
    for tally in tallies.values():
        heading = f"{tally['title']} {tally['total']} {tally['unit']}"
        on_page = {row[0]: row[2::2] for row in tables[heading][1:]}
        splits = ("training", "test")  # each, also where it has none: no image of test is set aside
        assert [cell for cell in tables[heading][0] if cell][1:] == [*splits], heading
        for one in tally["counts"]:
            by_split = [str(one["by_split"].get(split, 0)) for split in splits]
            assert on_page[one["name"]] == [str(one["n"]), *by_split]
        assert tally["total"] == sum(one["n"] for one in tally["counts"])
    splits_table = {row[0]: [cell.split()[0] for cell in row[1:6]] for row in tables["Splits"][1:]}
    assert splits_table["all"] == ["4", "2", "2", "1", "2"]
    assert splits_table["test"] == ["2", "1", "1", "0", "1"]


def test_nothing_but_the_page_s_own_words_and_pictures_gets_in(data: Path) -> None:
    page, numbers = describe(data)
    assert "<script>alert" not in page
    assert "<i>spot" not in page
    assert "<b>Co</b>" not in page
    names = [one["name"] for one in numbers["tallies"]["manufacturer"]["counts"]]
    assert HOSTILE in names
    assert HOSTILE in unescape(page)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    assert policy
    assert unescape(policy[1]).startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    addresses = re.findall(r'(?:href|src)="(.*?)"', page)
    assert len(addresses) == 15  # fourteen pictures, and no icon
    assert all(one.startswith("data:") for one in addresses)
    assert "<script" not in page
    assert " style=" not in page
    assert "secret" not in page + json.dumps(numbers)


def test_what_cannot_be_read_is_listed_and_stops_nothing(data: Path) -> None:
    page, numbers = describe(data)
    assert "1 of 15 images could not be read or cropped" in page
    seen = {exam["exam"]: exam["images"] for exam in numbers["sample"]["looked_at"]}
    assert [image["problem"] for image in seen["e3"]].count("") == 3
    assert {one["view"] for one in seen["e2"]} == {"L-CC", "R-CC", "L-MLO"}
    assert page.count(">no image<") == 1
    assert page.count(">not read<") == 1
    assert all(image["crop"] for image in seen["e0"])
    assert sum(one["images"] for one in numbers["sample"]["grey_values"]) == 14


def test_the_same_bytes_twice_whatever_the_jobs(data: Path) -> None:
    for out, jobs in (("a/d.html", "1"), ("b/d.html", "2")):
        describe(data, "--splits", data / "splits.csv", "--jobs", jobs, out=out)
    for name in ("d.html", "d.json"):
        assert (data / "a" / name).read_bytes() == (data / "b" / name).read_bytes()


def test_other_tables_may_be_missing_or_tell_less(data: Path) -> None:
    page, numbers = describe(data)
    assert "breasts" not in numbers["tallies"]
    assert "Splits</h2>" not in page
    page, numbers = describe(data, "--labels", data / "labels.csv")
    assert "labels.csv: no labels of 1 of 4 exams; counted as having none" in page
    biopsied = {one["name"]: one["n"] for one in numbers["tallies"]["biopsied"]["counts"]}
    assert biopsied == {"biopsied": 2, "not biopsied": 1, "no labels": 1}
    facts = {exam["exam"]: exam["facts"] for exam in numbers["sample"]["looked_at"]}
    assert facts["e0"][0] == "left benign, left malignant"
    assert facts["e3"][0] == "no labels"


def test_a_finding_s_mask_is_drawn_on_its_image(data: Path) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[50:60, 20:40] = 1
    write_mask(data / "m.png", mask)
    (data / "findings.csv").write_text(
        "exam,view,finding,class,type,occult,mask\ne0,L-CC,F1,malignant,mass,0,m.png\n"
    )
    page, numbers = describe(data, "--findings", data / "findings.csv")
    marks = {
        (exam["exam"], image["view"]): image["marks"]
        for exam in numbers["sample"]["looked_at"]
        for image in exam["images"]
    }
    assert marks.pop(("e0", "L-CC")) == [["malignant", 50, 60, 20, 40]]
    assert not any(marks.values())
    assert '<rect class="mark malignant" x="20" y="50" width="20" height="10">' in page


def test_a_finding_of_unknown_place_is_a_warning_and_not_marked(data: Path) -> None:
    write_exam_files(data, small_exam("e3", 3))  # the file that e3 lacks
    row = "L-CC,F1,malignant,mass,0,\n"
    (data / "findings.csv").write_text(
        f"exam,view,finding,class,type,occult,mask\ne0,{row}e1,{row}e2,{row}"
    )
    out = data / "unplaced.html"
    args = (data / "exams.csv", "--findings", data / "findings.csv", "-o", out, *SMALL)
    ran = fourview("describe", *args, "--sample", "1")
    assert (ran.code, "refused" in ran.err) == (0, False), ran.err
    assert "warning: findings.csv, line 2: the finding is not occult, and has no mask" in ran.err
    assert ran.err.count("so are 2 more rows") == 1
    numbers = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    shown = {one["name"]: one["n"] for one in numbers["tallies"]["finding_shown"]["counts"]}
    assert shown == {"marked": 0, "occult": 0, "place not known": 3}
    assert numbers["problems"] == []


def test_a_leak_between_splits_stands_at_the_top(data: Path) -> None:
    (data / "splits.csv").write_text("exam,split\ne0,training\ne1,test\ne2,test\ne3,test\n")
    page, _ = describe(data, "--splits", data / "splits.csv")
    assert "<li>splits.csv: 1 patient(s) in two splits; fourview split --check" in page


def test_without_a_sample_no_image_is_read(data: Path) -> None:
    for path in data.glob("*.png"):
        path.unlink()
    ran = fourview("describe", data / "exams.csv", "-o", data / "d.html", "--sample", "0")
    assert ran.code == 0
    assert "0 images of 0 exams looked at" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--labels", "none.csv"], 1, "none.csv: cannot be read: no such file"),
        (["--splits", "labels.csv"], 1, "labels.csv: no column 'split'"),
        (["--splits", "others.csv"], 1, "others.csv: is of 1 other exams"),
        (["--findings", "labels.csv"], 1, "labels.csv: no column"),
        (["--recipe", "papper"], 2, "no such recipe"),
        (["-o", "x.json"], 2, "the page and its numbers would be one file"),
        (["-o", "labels.csv/x.html"], 1, "a file stands where a folder should"),
    ],
)
def test_a_wrong_call_is_told_in_a_line(
    data: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(data)
    (data / "others.csv").write_text("exam,split\nx1,test\n")
    ran = fourview("describe", "exams.csv", "--sample", "0", *arguments)
    assert (ran.code, "Traceback" in ran.err) == (code, False)
    assert said in ran.err
