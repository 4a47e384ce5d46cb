"""Marks in a turn: the words stay what they were, whatever is marked."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from shengce.web.marks import Mark, marked

TEXT = st.text(max_size=60)
MARKS = st.lists(
    st.builds(
        Mark,
        start=st.integers(-3, 70),
        end=st.integers(-3, 70),
        label=st.text(max_size=8),
        start_ms=st.integers(0, 9999),
        end_ms=st.integers(0, 9999),
        fatal=st.booleans(),
    ),
    max_size=8,
)
TAG = re.compile(r"<mark [^>]*>|</mark>")


def words(rendered: str) -> str:
    return html.unescape(TAG.sub("", rendered))


@given(TEXT, MARKS)
def test_the_text_stays_unchanged(text: str, marks: list[Mark]) -> None:
    rendered = str(marked(text, marks))
    # ``html.unescape`` maps some control characters: compare what both make of the text.
    assert words(rendered) == html.unescape(html.escape(text))


@given(TEXT, MARKS)
def test_marks_never_nest_and_cover_what_was_marked(text: str, marks: list[Mark]) -> None:
    rendered = str(marked(text, marks))
    depth = 0
    for tag in re.findall(r"<mark |</mark>", rendered):
        depth += 1 if tag == "<mark " else -1
        assert depth in (0, 1)
    assert depth == 0
    covered = {i for m in marks for i in range(max(0, m.start), min(len(text), m.end))}
    pieces = re.findall(r"<mark [^>]*>(.*?)</mark>", rendered, flags=re.DOTALL)
    assert sum(len(html.unescape(piece)) for piece in pieces) == sum(
        len(html.unescape(html.escape(text[i]))) for i in covered
    )


def test_overlapping_marks_become_one_that_plays_both() -> None:
    rendered = marked("价格太贵了吧", [Mark(0, 4, "异议", 100, 400), Mark(2, 5, "价格", 300, 500)])
    assert rendered == (
        '<mark class="" data-start="100" data-end="500" title="异议 · 价格">价格太贵了</mark>吧'
    )


def test_one_label_is_said_once_and_fatal_wins() -> None:
    rendered = marked("保证不坏", [Mark(0, 4, "承诺", 0, 9), Mark(0, 4, "承诺", 0, 9, fatal=True)])
    assert rendered == '<mark class="fatal" data-start="0" data-end="9" title="承诺">保证不坏</mark>'


def test_neighbours_stay_two_marks() -> None:
    assert marked("甲乙", [Mark(0, 1, "a", 0, 1), Mark(1, 2, "b", 1, 2)]).count("<mark") == 2


def test_nothing_from_the_talk_becomes_markup() -> None:
    text = "<script>alert(1)</script>&"
    rendered = marked(text, [Mark(0, 8, '"><img src=x onerror=alert(1)>', 0, 1)])
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert words(str(rendered)) == text
