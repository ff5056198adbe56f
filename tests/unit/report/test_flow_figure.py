"""The flow diagram."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from fourview.report.flow_figure import FlowBox, FlowDiagram, flow_svg

DIAGRAM = FlowDiagram(
    start=FlowBox("Exams (n = 1,200)", ("700 patients",)),
    left=FlowBox("Excluded (n = 7)", ("No study date is told (n = 7)",)),
    stayed=FlowBox("Labelled (n = 1,193)"),
    ends=(FlowBox("Matched (n = 30)", ("  Malignant: 5 exams",)), FlowBox("Others (n = 1,163)")),
)


def texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [
        "".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")
    ]


def test_every_count_stands_in_the_diagram_as_text() -> None:
    found = texts(flow_svg(DIAGRAM))
    for box in (DIAGRAM.start, DIAGRAM.left, DIAGRAM.stayed, *DIAGRAM.ends):
        assert box is not None
        assert box.title in found
        assert {line.strip() for line in box.lines} <= set(found)


def test_the_same_diagram_gives_the_same_bytes_without_a_date() -> None:
    svg = flow_svg(DIAGRAM)
    assert svg == flow_svg(DIAGRAM)
    assert b"dc:date" not in svg


def test_a_diagram_without_exclusions_has_no_such_box() -> None:
    assert not any("Excluded" in text for text in texts(flow_svg(replace(DIAGRAM, left=None))))


def test_a_box_is_as_wide_as_its_widest_line() -> None:
    assert FlowBox("n", ("a longer line of text",)).width > FlowBox("n", ("a line",)).width
