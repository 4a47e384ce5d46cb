"""Questions about papers that many rows answer: what is to be read, what is due, who is on time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from shengce.people.absences import counted
from shengce.people.models import Absence, Role, User
from shengce.people.working_days import working_calendar
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.sheets.excuses import LOOK, Terms, terms_of
from shengce.sheets.forms_of_papers import Section, due_rule_of, in_force, sections_for, sections_of
from shengce.sheets.models import DAILY, Line, Paper, PaperTemplate
from shengce.sheets.periods import due_moment, period_of
from shengce.sheets.picks import addresses


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a paper with its lines. ``leads`` is where a cell leads the reader, by line and column."""

    section: Section
    lines: list[Line] = field(default_factory=list)
    leads: dict[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of paper that a person writes, and how his paper of the present period stands; none was begun: ``paper`` is empty."""

    template: PaperTemplate
    start_on: dt.date
    last_on: dt.date
    due_at: dt.datetime
    paper: Paper | None
    absence: Absence | None = None

    @property
    def is_excused(self) -> bool:
        """Nobody expects it: he is away."""
        return self.absence is not None and (self.paper is None or self.paper.is_open)

    @property
    def is_open(self) -> bool:
        return not self.is_excused and (self.paper is None or self.paper.is_open)

    @property
    def is_late(self) -> bool:
        return self.is_open and timezone.now() > self.due_at


def papers_to_read(user: User) -> QuerySet[Paper]:
    """Submitted papers of other people in one's scope, the oldest first, with the number of lines that play."""
    proven = Count("lines", filter=Q(lines__source=Line.Source.TALK))
    waiting = Paper.objects.visible_to(user).filter(state=Paper.State.SUBMITTED).exclude(owner=user)
    annotated = waiting.annotate(line_count=Count("lines"), proven_count=proven)
    return annotated.select_related("owner", "unit", "template").order_by("start_on", "submitted_at")


def papers_of(user: User, *, start_on: dt.date, end_on: dt.date, code: str = DAILY) -> QuerySet[Paper]:
    """Papers of a kind in one's scope that begin in ``[start_on, end_on)``, newest first; drafts only of oneself."""
    papers = Paper.objects.visible_to(user).filter(code=code, start_on__gte=start_on, start_on__lt=end_on)
    own_or_handed_in = Q(owner=user) | ~Q(state=Paper.State.DRAFT)
    return (
        papers.filter(own_or_handed_in)
        .select_related("owner", "unit", "reviewed_by", "template")
        .order_by("-start_on", "owner")
    )


def lines_of(paper: Paper) -> list[Line]:
    """The lines in order, with what they play."""
    order = {section.key: place for place, section in enumerate(sections_of(paper.template))}
    lines = paper.lines.select_related("fact", "conversation__customer")
    return sorted(lines, key=lambda line: (order.get(line.section, len(order)), line.position, line.pk))


def parts_of(paper: Paper, reader: User | None = None) -> list[Part]:
    """Every section of the writer's form with its lines; sections without lines too. ``reader``: cells lead where he may go."""
    own = {section.key for section in sections_for(paper.template, paper.owner.role)}
    parts = {section.key: Part(section) for section in sections_of(paper.template)}
    for line in lines_of(paper):
        if line.section in parts:
            parts[line.section].lines.append(line)
    shown = [part for key, part in parts.items() if key in own or part.lines]
    if reader is not None:
        leads = addresses(((part.section, part.lines) for part in shown), reader)
        for part in shown:
            part.leads.update(leads)
    return shown


def duties_of(user: User, *, today: dt.date, calendar: Calendar | None = None) -> list[Duty]:
    """What a person has to write now: each kind of his role, about the period that is running or has just ended.

    A paper that is due after its period's end is asked for once that has ended, and until then its running period is
    shown. The overdue ones come first. Three queries, and the firm's own days.
    """
    calendar = calendar or working_calendar()
    templates = [each for each in in_force() if each.active and user.role in each.writers]
    spans = [period_of(template.period, today) for template in templates]
    if not spans:
        return []
    first, last = min(span.start_on for span in spans), max(span.end_on for span in spans)
    away = counted([user.pk], start_on=first, end_on=last + LOOK)[user.pk]
    mine = Paper.objects.filter(owner=user).select_related("template", "absence")
    started = _overdue()
    for template, span in zip(templates, spans, strict=True):
        started |= Q(code=template.code, start_on=span.start_on)
    papers = list(mine.filter(started).order_by("due_at")[: MOST_OVERDUE + len(spans)])
    standing = {(paper.code, paper.start_on): paper for paper in papers}
    running = []
    for template, span in zip(templates, spans, strict=True):
        paper = standing.get((template.code, span.start_on))
        running.append(_duty(template, span, paper, _terms(template, span, paper, away, calendar)))
    keys = {(duty.template.code, duty.start_on) for duty in running}
    late = [
        Duty(paper.template, paper.start_on, paper.last_on, paper.due_at, paper)
        for paper in papers
        if (paper.code, paper.start_on) not in keys
    ]
    return sorted(late + running, key=_urgency)


def _urgency(duty: Duty) -> tuple[int, dt.datetime]:
    """What is late, what is expected, what may be written, what is done; each by when it is due."""
    if not duty.is_open:
        return 3, duty.due_at
    return 0 if duty.is_late else 1 if duty.template.regular else 2, duty.due_at


def _terms(
    template: PaperTemplate, span: Span, paper: Paper | None, away: list[Absence], calendar: Calendar
) -> Terms:
    if paper is not None:
        return Terms(paper.due_at, paper.regular_due_at, paper.absence, paper.excused)
    return terms_of(span, due_moment(span, due_rule_of(template), calendar), away, calendar)


def _duty(template: PaperTemplate, span: Span, paper: Paper | None, terms: Terms) -> Duty:
    last = span.end_on - dt.timedelta(days=1)
    return Duty(template, span.start_on, last, terms.due_at, paper, terms.absence if terms.excused else None)


MOST_OVERDUE = 20


def overdue_of(user: User) -> QuerySet[Paper]:
    """Papers of one's own that were due and are not handed in, the oldest first."""
    return Paper.objects.filter(_overdue(), owner=user).select_related("template").order_by("due_at")


def _overdue() -> Q:
    return Q(due_at__lt=timezone.now(), excused=False, state__in=(Paper.State.DRAFT, Paper.State.RETURNED))


def writers_of(templates: Sequence[PaperTemplate]) -> QuerySet[User]:
    """Everybody who writes one of these papers now."""
    roles = {role for template in templates for role in template.writers} & set(Role.values)
    return User.objects.filter(is_active=True, role__in=roles).select_related("unit")
