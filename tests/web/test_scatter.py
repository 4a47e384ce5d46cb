"""The cloud of points: where a point stands, that it leads somewhere, and that a name cannot break the drawing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from shengce.web.scatter import Point, scatter_chart


def drawn(*points: Point) -> str:
    return scatter_chart(title="t", points=points, groups=("新", "流失"), x_label="天")


def places(chart: str) -> list[tuple[float, float]]:
    wide = chart.split("</svg>")[0]
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4.5"', wide)]


def test_tenfold_is_one_step_up_and_later_is_right() -> None:
    (x1, y1), (x2, y2), (x3, y3) = places(
        drawn(Point(0, 10, 0, "a", "/a/"), Point(50, 100, 0, "b", "/b/"), Point(100, 1000, 1, "c", "/c/"))
    )
    assert x1 < x2 < x3
    assert y1 - y2 == y2 - y3 > 0


def test_points_are_links_with_words_and_well_formed() -> None:
    name = "<b>&\"'名"
    chart = drawn(Point(1, 5, 0, name, "/customers/1/?a=1&b=2"), Point(2, 0, 0, "no turnover", "/x/"))
    root = ET.fromstring(chart)
    links = root.findall(".//a")
    assert [link.get("href") for link in links] == ["/customers/1/?a=1&b=2"] * 2  # wide and narrow
    assert {link.get("aria-label") for link in links} == {name}
    assert {link.findtext("circle/title") for link in links} == {name}
    assert "no turnover" not in chart


def test_without_points_it_says_so() -> None:
    assert "<svg" not in drawn()
    assert 'class="muted"' in drawn(Point(3, 0, 0, "a", "/a/"))
