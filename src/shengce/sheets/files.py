"""Papers as tables to save: one paper section by section, the list of papers, who is on time. Cells are words, as on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.sheets.forms_of_papers import Column, Section
from shengce.sheets.models import Line, Paper
from shengce.sheets.on_time import RESULTS, OnTime
from shengce.sheets.queries import parts_of
from shengce.sheets.wording import choice_in_words, in_language, period_words, title_of


def paper_heads(paper: Paper) -> list[str]:
    """The heading: what the paper is, whose and about when; as wide as its widest section."""
    wide = max((len(part.section.columns) for part in parts_of(paper)), default=0)
    heads = [title_of(paper.template), str(paper.owner), period_words(paper), str(paper.get_state_display())]
    return heads + [""] * max(0, wide + 1 - len(heads))


def paper_rows(paper: Paper) -> Iterator[list[Any]]:
    """Each section: its title with the titles of its columns, then its rows or lines, with where each comes from."""
    for part in parts_of(paper):
        section = part.section
        titles = [in_language(column.title) for column in section.columns]
        yield [in_language(section.title), *titles]
        for line in part.lines:
            yield [_source(line), *_cells(section, line)]


def _cells(section: Section, line: Line) -> list[Any]:
    if not section.is_table:
        return [line.text]
    return [as_value(str(line.values.get(column.key) or ""), column) for column in section.columns]


def _source(line: Line) -> str:
    words = str(line.get_source_display())
    return f"{words} ✎" if line.edited else words


def as_value(text: str, column: Column) -> Any:
    """A stored cell as a spreadsheet takes it: numbers stay numbers, days stay days, a pick is its name."""
    if not text:
        return None
    if column.type == "date":
        return parse_date(text) or text
    if column.is_right:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return choice_in_words(text, column.choices)


def list_heads() -> list[str]:
    return [_("Paper"), _("Writer"), _("Unit"), _("from"), _("to"), _("State"), pgettext("paper", "Due"), _("Submitted"),
            pgettext("paper", "late"), _("Excused"), _("Reviewed by"), _("Comment")]  # fmt: skip


def list_rows(papers: Iterable[Paper]) -> Iterator[list[Any]]:
    for paper in papers:
        yield [
            title_of(paper.template),
            str(paper.owner),
            str(paper.unit or ""),
            paper.start_on,
            paper.last_on,
            str(paper.get_state_display()),
            paper.due_at,
            paper.first_submitted_at,
            _("yes") if paper.is_late else "",
            str(paper.absence) if paper.excused and paper.absence else "",
            str(paper.reviewed_by or ""),
            paper.comment,
        ]


def on_time_heads() -> list[str]:
    return [_("Unit"), _("Writer"), _("Paper"), *(str(result_words(name)) for name in RESULTS), _("Rate")]


def on_time_rows(found: OnTime) -> Iterator[list[Any]]:
    for unit, owner, template, tally in found.cells:
        numbers = [getattr(tally, name) for name in RESULTS]
        rate = None if tally.rate is None else round(Decimal(tally.rate), 4)
        yield [str(unit or ""), str(owner), title_of(template), *numbers, rate]


def result_words(name: str) -> str:
    """What became of papers, as the head of a column."""
    return {
        "due": pgettext("papers", "Due"),
        "in_time": pgettext("papers", "In time"),
        "late": pgettext("papers", "Late"),
        "missing": pgettext("papers", "Missing"),
        "returned": pgettext("papers", "Returned"),
        "excused": pgettext("papers", "Excused"),
    }[name]
