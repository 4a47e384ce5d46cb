"""Questions about papers that many rows answer: what is to be read, what is due, who is on time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from shengce.people.models import Role, User
from shengce.people.working_days import working_calendar
from shengce.sheets.forms_of_papers import Section, due_rule_of, in_force, sections_of
from shengce.sheets.models import DAILY, Line, Paper, PaperTemplate
from shengce.sheets.periods import due_moment, period_of


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a paper with its lines."""

    section: Section
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of paper that a person writes, and how his paper of the present period stands; none was begun: ``paper`` is empty."""

    template: PaperTemplate
    start_on: dt.date
    last_on: dt.date
    due_at: dt.datetime
    paper: Paper | None

    @property
    def is_open(self) -> bool:
        return self.paper is None or self.paper.is_open

    @property
    def is_late(self) -> bool:
        return self.is_open and timezone.now() > self.due_at


@dataclass(frozen=True, slots=True)
class Punctual:
    """Papers of one person and kind that were due, how many came, and how many came in time."""

    owner: User
    template: PaperTemplate
    due: int
    submitted: int
    in_time: int

    @property
    def share(self) -> float:
        return self.in_time / self.due if self.due else 0.0


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


def parts_of(paper: Paper) -> list[Part]:
    """Every section of the paper's form with its lines; sections without lines too."""
    parts = {section.key: Part(section) for section in sections_of(paper.template)}
    for line in lines_of(paper):
        if line.section in parts:
            parts[line.section].lines.append(line)
    return list(parts.values())


def duties_of(user: User, *, today: dt.date) -> list[Duty]:
    """What a person has to write now: each kind of his role, about the period that is running or has just ended.

    A paper that is due after its period's end is asked for once that has ended, and until then its running period is
    shown. The overdue ones come first. Two queries, and the firm's own days.
    """
    calendar = working_calendar()
    wanted: list[tuple[PaperTemplate, dt.date, dt.date, dt.datetime]] = []
    for template in in_force():
        if not template.active or user.role not in template.writers:
            continue
        span = period_of(template.period, today)
        wanted.append(
            (template, span.start_on, span.end_on, due_moment(span, due_rule_of(template), calendar))
        )
    mine = Paper.objects.filter(owner=user).select_related("template")
    started = _overdue()
    for template, start, _end, _due in wanted:
        started |= Q(code=template.code, start_on=start)
    papers = list(mine.filter(started).order_by("due_at")[: MOST_OVERDUE + len(wanted)])
    standing = {(paper.code, paper.start_on): paper for paper in papers}
    running = [
        Duty(template, start, end - dt.timedelta(days=1), due, standing.get((template.code, start)))
        for template, start, end, due in wanted
    ]
    keys = {(duty.template.code, duty.start_on) for duty in running}
    late = [
        Duty(paper.template, paper.start_on, paper.last_on, paper.due_at, paper)
        for paper in papers
        if (paper.code, paper.start_on) not in keys
    ]
    return late + running


MOST_OVERDUE = 20


def overdue_of(user: User) -> QuerySet[Paper]:
    """Papers of one's own that were due and are not handed in, the oldest first."""
    return Paper.objects.filter(_overdue(), owner=user).select_related("template").order_by("due_at")


def _overdue() -> Q:
    return Q(due_at__lt=timezone.now(), state__in=(Paper.State.DRAFT, Paper.State.RETURNED))


def punctuality(user: User, *, start_on: dt.date, end_on: dt.date) -> list[Punctual]:
    """By person and kind, of the papers in one's scope that fell due in ``[start_on, end_on)``; the least punctual first.

    Papers are expected because :func:`sheets.reminders.open_papers` begins them for every writer; two queries.
    """
    zone = timezone.get_current_timezone()
    since, until = (dt.datetime.combine(day, dt.time.min, tzinfo=zone) for day in (start_on, end_on))
    rows = (
        Paper.objects.visible_to(user)
        .filter(due_at__gte=since, due_at__lt=min(until, timezone.now()), template__regular=True)
        .order_by()
        .values("owner", "code")
        .annotate(
            due=Count("pk"),
            submitted=Count("pk", filter=Q(first_submitted_at__isnull=False)),
            in_time=Count("pk", filter=Q(first_submitted_at__lte=F("due_at"))),
        )
    )
    found = list(rows)
    owners = User.objects.in_bulk({row["owner"] for row in found})
    kinds = {template.code: template for template in in_force()}
    answer = [
        Punctual(owners[row["owner"]], kinds[row["code"]], row["due"], row["submitted"], row["in_time"])
        for row in found
        if row["code"] in kinds
    ]
    return sorted(answer, key=lambda one: (one.share, -one.due, str(one.owner)))


def writers_of(templates: Sequence[PaperTemplate]) -> QuerySet[User]:
    """Everybody who writes one of these papers now."""
    roles = {role for template in templates for role in template.writers} & set(Role.values)
    return User.objects.filter(is_active=True, role__in=roles).select_related("unit")
