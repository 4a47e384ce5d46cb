"""Papers begun and drafted many at once: what a batch needs is read together, whether it is one paper or hundreds."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import translation

from shengce.people.absences import counted
from shengce.people.models import User
from shengce.people.working_days import working_calendar
from shengce.planning.periods import Span
from shengce.sheets.drafted import Desk, Drafted
from shengce.sheets.drafting import drafted
from shengce.sheets.excuses import LOOK, take, terms_of
from shengce.sheets.forms_of_papers import Section, due_rule_of
from shengce.sheets.models import DAILY, Line, Paper, PaperTemplate
from shengce.sheets.periods import due_moment, period_of

BATCH = 60
"""Papers of one desk: the records of so many people are in memory at once."""
ROWS = 500
_EDITABLE = (Paper.State.DRAFT, Paper.State.RETURNED)
_REFRESHED = ("section", "position", "text", "values", "ties", "link", "start_ms", "end_ms")

Wanted = dict[str, tuple[Section, int, Drafted]]


def begin_for(template: PaperTemplate, owners: Sequence[User], span: Span) -> int:
    """A draft about ``span`` for everybody of ``owners`` who has none; how many were begun. Few queries whatever their number."""
    there = set(
        Paper.objects.filter(code=template.code, start_on=span.start_on, owner__in=[o.pk for o in owners])
        .values_list("owner", flat=True)
    )  # fmt: skip
    wanting = [owner for owner in owners if owner.pk not in there]
    if not wanting:
        return 0
    calendar = working_calendar()
    due = due_moment(span, due_rule_of(template), calendar)
    away = counted([owner.pk for owner in wanting], start_on=span.start_on, end_on=span.end_on + LOOK)
    new = []
    for owner in wanting:
        paper = Paper(
            template=template,
            code=template.code,
            owner=owner,
            unit=owner.unit,
            start_on=span.start_on,
            end_on=span.end_on,
        )
        take(paper, terms_of(span, due, away.get(owner.pk, ()), calendar))
        new.append(paper)
    Paper.objects.bulk_create(new, batch_size=ROWS, ignore_conflicts=True)
    return len(new)


def begin_period(template: PaperTemplate, owners: Sequence[User], day: dt.date) -> list[Paper]:
    """The papers of ``owners`` about the period in which ``day`` lies, begun where they were not."""
    span = period_of(template.period, day)
    begin_for(template, owners, span)
    rows = Paper.objects.filter(code=template.code, start_on=span.start_on, owner__in=[o.pk for o in owners])
    return list(rows.select_related("template", "owner__unit").order_by("pk"))


def draft_papers(papers: Iterable[Paper]) -> list[Paper]:
    """Bring the drafted lines of many papers up to date; those that were handed in are left as they are.

    Typed lines, lines that a person changed and lines that were taken out are left alone, and so are those from accepted
    proposals. A second call changes nothing, and a batch writes what one after the other would.
    """
    ids = sorted({paper.pk for paper in papers})
    return [row for first in range(0, len(ids), BATCH) for row in _draft(ids[first : first + BATCH])]


@transaction.atomic
def _draft(ids: Sequence[int]) -> list[Paper]:
    locked = Paper.objects.select_for_update(of=("self",)).select_related("template", "owner__unit")
    rows = list(locked.filter(pk__in=ids).order_by("pk"))
    open_ones = [row for row in rows if row.state in _EDITABLE]
    if not open_ones:
        return rows
    stored: dict[int, dict[str, Line]] = defaultdict(dict)
    for line in Line.objects.filter(paper__in=open_ones).exclude(key=""):
        stored[line.paper_id][line.key] = line
    desk = Desk(open_ones)
    gone: list[int] = []
    new: list[Line] = []
    changed: list[Line] = []
    for row in open_ones:
        wanted = _wanted(row, desk)
        there = stored[row.pk]
        gone += [line.pk for line in there.values() if _goes(row, line, wanted)]
        new += [_line(row, *wanted[key]) for key in wanted if key not in there]
        changed += [line for key, line in there.items() if key in wanted and _refreshed(line, *wanted[key])]
    if gone:
        Line.objects.filter(pk__in=gone).delete()
    Line.objects.bulk_create(new, batch_size=ROWS)
    if changed:
        Line.objects.bulk_update(changed, _REFRESHED, batch_size=100)
    return rows


def _wanted(paper: Paper, desk: Desk) -> Wanted:
    with translation.override(settings.LANGUAGE_CODE):
        return {
            line.key: (section, place, line)
            for section, place, line in drafted(paper, desk)
            if line.key not in paper.removed
        }


def _goes(paper: Paper, line: Line, wanted: Wanted) -> bool:
    """What no record stands behind any more. What a yes to a proposal wrote into a daily report stands by itself."""
    by_a_yes = paper.code == DAILY and line.key.startswith("fact:")
    return line.key not in wanted and not by_a_yes and not line.edited


def _line(paper: Paper, section: Section, place: int, line: Drafted) -> Line:
    return Line(
        paper=paper,
        key=line.key,
        section=section.key,
        position=place,
        text=line.text,
        values=line.values,
        ties=section.ties_of(line.ties),
        link=line.link,
        source=line.source,
        fact=line.fact,
        conversation=line.conversation,
        start_ms=line.start_ms,
        end_ms=line.end_ms,
    )


def _refreshed(stored: Line, section: Section, place: int, line: Drafted) -> bool:
    """What the program wrote follows the records; what a person changed stays, cell by cell. Whether anything changed."""
    kept = {key: stored.values.get(key, "") for key in stored.typed}
    ties = {key: tie for key, tie in section.ties_of(line.ties).items() if key not in stored.typed}
    ties |= {key: stored.ties[key] for key in stored.typed if key in stored.ties}
    wanted = {"section": section.key, "position": place, "link": line.link, "start_ms": line.start_ms,
              "end_ms": line.end_ms, "values": {**line.values, **kept}, "ties": ties}  # fmt: skip
    if not stored.edited or stored.typed:
        wanted["text"] = line.text
    changed = {name: value for name, value in wanted.items() if getattr(stored, name) != value}
    for name, value in changed.items():
        setattr(stored, name, value)
    return bool(changed)
