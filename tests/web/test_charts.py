"""Charts: round ticks, honest gaps, and drawings that every program can read."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from shengce.web.charts import Series, bar_chart, line_chart, nice_ticks, number, sparkline

NAUGHTY = "<script>alert('x')</script> & \"中文\""

TICKS = [
    # low, high, ticks
    (0, 10, [0, 2.5, 5, 7.5, 10]),
    (0, 100, [0, 25, 50, 75, 100]),
    (0, 7, [0, 2, 4, 6, 8]),
    (0, 1, [0, 0.25, 0.5, 0.75, 1]),
    (70, 90, [70, 75, 80, 85, 90]),
    (-5, 5, [-5, -2.5, 0, 2.5, 5]),
    (0, 0, [0, 0.25]),
    (7, 7, [6, 8]),
    (0, 3_200_000, [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000]),
]


@pytest.mark.parametrize(("low", "high", "ticks"), TICKS)
def test_ticks(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


def test_what_is_counted_has_no_halves() -> None:
    assert nice_ticks(0, 0, whole=True) == [0, 1]
    assert nice_ticks(0, 3, whole=True) == [0, 1, 2, 3]
    assert nice_ticks(0, 10, whole=True) == [0, 3, 6, 9, 12]


@given(
    st.floats(-1e12, 1e12, allow_nan=False, allow_subnormal=False),
    st.floats(0, 1e12, allow_nan=False, allow_subnormal=False),
)
@example(1e-12, 1e-12)
@example(5.0, 0.0)
@example(-7.0, 0.0)
@example(1e12, 1e-9)
@example(0.0, 5e-324)
def test_ticks_cover_the_values_and_are_few(low: float, span: float) -> None:
    high = low + span
    ticks = nice_ticks(low, high)
    slack = (ticks[-1] - ticks[0]) * 1e-6
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 7
    steps = [b - a for a, b in pairwise(ticks)]
    assert all(step > 0 for step in steps)
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (3.0, "3"),
        (2.5, "2.5"),
        (1234567, "1,234,567"),
        (-4.25, "-4.2"),
        (99.96, "100.0"),
    ],
)
def test_numbers_as_labels(value: float | None, shown: str) -> None:
    assert number(value) == shown


def drawing(figure: str) -> ET.Element:
    """The figure as XML; the drawing has no HTML entities, so it must be well-formed."""
    return ET.fromstring(figure)


def wide(figure: str) -> ET.Element:
    """The drawing for desks; the one for phones has the same parts."""
    drawn = drawing(figure)
    desk, phone = drawn.findall("svg")
    assert [e.tag for e in desk.iter() if e.tag in MARKS] == [e.tag for e in phone.iter() if e.tag in MARKS]
    return desk


MARKS = ("polyline", "polygon", "circle", "rect", "line")
CHARTS = [line_chart, bar_chart]


@pytest.mark.parametrize("chart", CHARTS)
def test_the_drawing_is_well_formed_and_its_data_is_a_table(chart: object) -> None:
    figure = drawing(
        chart(  # type: ignore[operator]
            title=NAUGHTY,
            categories=["一", NAUGHTY, "三"],
            series=[Series(NAUGHTY, [1, None, 3]), Series("b", [2, 5, 0.5])],
        )
    )
    assert figure.find("figcaption").text == NAUGHTY  # type: ignore[union-attr]
    rows = [[cell.text for cell in row] for row in figure.iter("tr")]
    assert rows == [[None, NAUGHTY, "b"], ["一", "1", "2"], [NAUGHTY, "–", "5"], ["三", "3", "0.5"]]
    svg = figure.find("svg")
    assert svg is not None
    tips = [tip.text for tip in svg.iter("title")]
    assert len(tips) == 5  # a tooltip for each value, none for the gap
    assert f"{NAUGHTY} 三: 3" in tips
    assert NAUGHTY in svg.attrib["aria-label"]
    assert "script" not in {element.tag for element in figure.iter()}


VALUES = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False)), min_size=1, max_size=12)


@pytest.mark.parametrize("chart", CHARTS)
@given(values=VALUES)
@example(values=[5e-324])
@example(values=[None, -1e-300, 0.0])
def test_everything_is_drawn_inside_the_frame(chart: object, values: list[float | None]) -> None:
    categories = [str(i) for i in range(len(values))]
    figure = chart(title="t", categories=categories, series=[Series("s", values)])  # type: ignore[operator]
    if all(v is None for v in values):
        assert drawing(figure).find("svg") is None
        return
    svg = wide(figure)
    for element in svg.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.attrib.get(name, 0)) <= 640
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.attrib.get(name, 0)) <= 240
        assert float(element.attrib.get("height", 0)) >= 0
        for x, y in re.findall(r"(\S+),(\S+)", element.attrib.get("points", "")):
            assert math.isfinite(float(x)) and 0 <= float(y) <= 240
    marks = list(svg.iter("circle")) + [r for r in svg.iter("rect") if r.find("title") is not None]
    assert len(marks) == sum(v is not None for v in values)


def lines(values: list[float | None]) -> list[int]:
    categories = list("abcdef")[: len(values)]
    svg = wide(line_chart(title="t", categories=categories, series=[Series("s", values)]))
    return [len(line.attrib["points"].split()) for line in svg.iter("polyline")]


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([1, 2, 3], [3]),
        ([1, None, 3, 4], [2]),
        ([1, 2, None, 4, 5], [2, 2]),
        ([None, 1, None], []),
        ([7], []),
    ],
)
def test_a_gap_breaks_the_line(values: list[float | None], drawn: list[int]) -> None:
    assert lines(values) == drawn


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize(("categories", "values"), [([], []), (["a"], [None]), (["a", "b"], [None, None])])
def test_nothing_to_draw_is_said(chart: object, categories: list[str], values: list[None]) -> None:
    with translation.override("en"):
        figure = drawing(chart(title=NAUGHTY, categories=categories, series=[Series("s", values)]))  # type: ignore[operator]
    assert figure.find("svg") is None
    assert figure.find("p").text == "No data in this period yet."  # type: ignore[union-attr]


def test_lines_may_begin_at_zero() -> None:
    for values in ([0, 0], [50, 60], [-3, -1]):
        drawing(line_chart(title="t", categories=["a", "b"], series=[Series("s", values)], low=0))


def test_bars_below_zero_hang_from_the_axis() -> None:
    svg = wide(bar_chart(title="t", categories=["a", "b"], series=[Series("s", [10, -10])]))
    up, down = svg.iter("rect")
    assert float(up.attrib["y"]) + float(up.attrib["height"]) == pytest.approx(
        float(down.attrib["y"]), abs=0.2
    )
    assert up.attrib["height"] == down.attrib["height"]


def test_many_categories_do_not_write_over_each_other() -> None:
    days = [f"11-{day:02}" for day in range(1, 91)]
    figure = line_chart(title="t", categories=days, series=[Series("s", [1.0] * 90)])
    below = [t for t in wide(figure).iter("text") if t.attrib["text-anchor"] == "middle"]
    assert len(below) <= 12
    assert len(list(drawing(figure).iter("tr"))) == 91  # the table has them all


@pytest.mark.parametrize("values", [[], [None], [3], [None, 3, None]])
def test_a_sparkline_needs_two_points(values: list[float | None]) -> None:
    assert sparkline(values, label="x") == ""


def test_a_sparkline_is_well_formed() -> None:
    svg = drawing(sparkline([1, None, 1, 5], label=NAUGHTY))
    assert svg.attrib["aria-label"] == NAUGHTY
    assert len(svg.find("polyline").attrib["points"].split()) == 3  # type: ignore[union-attr]
