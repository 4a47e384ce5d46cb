"""The papers of the demonstration company's past weeks and months: most in time, some late, some returned, some never written.

Told by the actions that the pages call. What is typed is in ``data/papers.yaml``; chance has a seed. The running period is
left to the visitor.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from functools import lru_cache
from itertools import cycle
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shengce.customers.models import Customer
from shengce.demo.company import DATA, Company
from shengce.demo.script import Say
from shengce.people.models import Role, User
from shengce.people.permissions import may
from shengce.people.working_days import working_calendar
from shengce.recordings.models import Conversation
from shengce.sheets import actions
from shengce.sheets.excuses import record_absence
from shengce.sheets.forms_of_papers import in_force, sections_of
from shengce.sheets.models import DAILY, Paper, PaperTemplate, Period
from shengce.sheets.periods import period_of, previous
from shengce.visits.models import Visit

SEED = 20261127
BACK: dict[str, int] = {Period.DAY: 15, Period.WEEK: 6, Period.MONTH: 3}
"""So many periods before the running one have papers."""
IN_TIME, LATE = 0.8, 0.12  # of a hundred papers; the others were never handed in
RETURNED = 0.08
NEWEST_UNREAD = dt.timedelta(days=4)
LONG_AGO = dt.timedelta(days=14)


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((DATA / "papers.yaml").read_text(encoding="utf-8"))
    return told


@transaction.atomic
def tell_papers(company: Company, *, say: Say) -> int:
    """Papers of everybody who writes them, oldest first, so that each finds the last one; how many. All or nothing."""
    chance, today = random.Random(SEED), timezone.localdate()
    templates = [template for template in in_force() if template.active]
    _tell_absences(company, today)
    for writer in company.people.values():
        if may(writer, "papers.write"):
            for template in templates:
                if writer.role in template.writers:
                    _write(writer, template, today, chance)
    _review(company, chance)
    count = Paper.objects.count()
    say(f"{count} papers of the last weeks and months.")
    return count


def _tell_absences(company: Company, today: dt.date) -> None:
    """One rep was ill for two days without a talk or visit, one is at a training next week, one asks for leave."""
    reps = [person for person in company.people.values() if person.role == Role.REP]
    leaders = {p.unit_id: p for p in company.people.values() if p.role == Role.MANAGER}
    monday = today + dt.timedelta(days=7 - today.weekday())
    told = [rep for rep in reps if rep.unit_id in leaders][:3]
    free = _quiet_days(told[0], today) if told else None
    stories = (
        (free, 2, "illness", "感冒发烧"),
        (monday, 2, "training", "新品培训"),
        (monday, 5, "leave", "回家探亲"),
    )
    for rep, (first, days, kind, note) in zip(told, stories, strict=False):
        if first is not None:
            # Leave is one's own word, which waits for the leader's; the others the leader records himself.
            by = rep if kind == "leave" else leaders[rep.unit_id]
            last = first + dt.timedelta(days=days - 1)
            record_absence(by=by, person=rep, start_on=first, last_on=last, kind=kind, note=note)


def _quiet_days(rep: User, today: dt.date) -> dt.date | None:
    """The first of two working days of late on which the rep neither talked nor visited."""
    busy = {
        timezone.localdate(at)
        for at in Conversation.objects.filter(rep=rep).values_list("started_at", flat=True)
    }
    busy |= {timezone.localdate(at) for at in Visit.objects.filter(rep=rep).values_list("came_at", flat=True)}
    calendar = working_calendar()
    for back in range(3, BACK[Period.DAY]):
        day = today - dt.timedelta(days=back)
        both = (day, day + dt.timedelta(days=1))
        if all(calendar.works(each) and each not in busy for each in both):
            return day
    return None


def _write(writer: User, template: PaperTemplate, today: dt.date, chance: random.Random) -> None:
    calendar, span = working_calendar(), period_of(template.period, today)
    days = []
    for _number in range(BACK[template.period]):
        span = previous(template.period, span)
        if template.period != Period.DAY or calendar.works(span.start_on):
            days.append(span.start_on)
    hand = _Hand(writer, template, chance)
    for day in reversed(days):
        if template.regular or chance.random() < 0.4:
            hand.write(day)


class _Hand:
    """One person who writes one kind of paper: his customers and phrases in turn."""

    def __init__(self, writer: User, template: PaperTemplate, chance: random.Random) -> None:
        self.writer, self.template, self.chance = writer, template, chance
        names = list(Customer.objects.visible_to(writer).order_by("pk").values_list("name", flat=True)[:12])
        self.customers = cycle(names or [""])
        start = writer.pk % 3
        self.phrases: dict[str, Any] = defaultdict(lambda: cycle([]))
        for section, told in _told().get(template.code, {}).items():
            self.phrases[section] = cycle(told[start % len(told) :] + told[: start % len(told)])

    def write(self, day: dt.date) -> None:
        """Begun, drafted, completed by hand, and handed in when chance says so."""
        paper = actions.draft_paper(actions.begin_paper(self.writer, self.template.code, day))
        dice = self.chance.random()
        if not paper.is_open or paper.excused or dice > IN_TIME + LATE:
            return
        for section in sections_of(self.template):
            if section.key in _told().get(self.template.code, {}):
                for _number in range(2 if section.is_table else 1):
                    self._add(paper, section.key, is_table=section.is_table)
        try:
            actions.submit_paper(
                paper, by=self.writer, at=_handed_in(paper, self.chance, in_time=dice <= IN_TIME)
            )
        except ValidationError:
            return  # nothing happened on that day: the paper stays open, as it does in life

    def _add(self, paper: Paper, section: str, *, is_table: bool) -> None:
        told, customer = next(self.phrases[section]), next(self.customers)
        if is_table:
            values = {column: text.format(customer=customer) for column, text in told.items()}
            columns = {c.key for s in sections_of(self.template) if s.key == section for c in s.columns}
            if "day" in columns:
                days = (paper.end_on - paper.start_on).days
                values["day"] = (paper.start_on + dt.timedelta(days=self.chance.randrange(days))).isoformat()
            actions.add_line(paper, by=self.writer, section=section, values=values)
        else:
            actions.add_line(paper, by=self.writer, section=section, text=told)


def _handed_in(paper: Paper, chance: random.Random, *, in_time: bool) -> dt.datetime:
    """When it came: shortly before it was due, or in the office hours of one of the days after."""
    due = timezone.localtime(paper.due_at)
    if in_time:
        return due - dt.timedelta(minutes=chance.randint(15, 90 if due.hour <= 12 else 480))
    late = due + dt.timedelta(days=chance.randint(1, 3))
    return late.replace(hour=chance.randint(9, 17), minute=chance.randrange(60))


def _review(company: Company, chance: random.Random) -> None:
    """Leaders read what came in more than some days ago; some of it goes back, and half of that comes again."""
    comments = {name: cycle(_told()[name]) for name in ("returned", "read")}
    leaders = [p for p in company.people.values() if p.role in (Role.MANAGER, Role.EXECUTIVE)]
    for leader in sorted(leaders, key=lambda person: person.role == Role.EXECUTIVE):
        waiting = Paper.objects.visible_to(leader).filter(
            state=Paper.State.SUBMITTED, submitted_at__lt=timezone.now() - NEWEST_UNREAD
        )
        for paper in waiting.exclude(owner=leader).select_related("owner").order_by("start_on", "pk"):
            if paper.code != DAILY and chance.random() < RETURNED:
                paper = actions.return_paper(paper, by=leader, comment=next(comments["returned"]))
                if chance.random() < 0.5:
                    paper = actions.submit_paper(paper, by=paper.owner)
                    if paper.end_on < timezone.localdate() - LONG_AGO:
                        actions.review_paper(paper, by=leader, comment=next(comments["read"]))
            else:
                actions.review_paper(paper, by=leader, comment=next(comments["read"]))
