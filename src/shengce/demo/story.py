"""What the people of the demonstration company did with their talks before the visitor came."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.demo.company import Company
from shengce.people.models import Role, User
from shengce.proposals import actions as proposals
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation
from shengce.sheets import actions as sheets
from shengce.sheets.models import Paper

ANSWERED_AFTER = dt.timedelta(hours=2)


def tell_story(company: Company) -> None:
    """Reps decided what was heard before today and handed their reports in; managers read the older ones.

    Today is left to the visitor.
    """
    today = timezone.localdate()
    reps = [person for person in company.people.values() if person.role == Role.REP]
    for rep in reps:
        for day in _days_with_talks(rep, before=today):
            _decide(rep, day)
            report = sheets.draft_daily_report(rep, day)
            if report.lines.exists():
                sheets.submit_paper(report, by=rep, at=_evening(day))
    for manager in (p for p in company.people.values() if p.role == Role.MANAGER):
        _read_reports(manager, before=today - dt.timedelta(days=7))


def _evening(day: dt.date) -> dt.datetime:
    """When a rep hands his report in."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(18, 20)))


def _days_with_talks(rep: User, *, before: dt.date) -> list[dt.date]:
    moments = Conversation.objects.filter(rep=rep).values_list("started_at", flat=True)
    return sorted({timezone.localdate(m) for m in moments if timezone.localdate(m) < before})


def _decide(rep: User, day: dt.date) -> None:
    """A rep says yes to what was heard that day."""
    waiting = Proposal.objects.filter(rep=rep, state=Proposal.State.OPEN).select_related("conversation")
    for proposal in waiting:
        if timezone.localdate(proposal.conversation.started_at) == day:
            try:
                evening = proposal.conversation.started_at + ANSWERED_AFTER
                proposals.accept(proposal, by=rep, at=min(timezone.now(), evening))
            except (ValidationError, PermissionDenied):
                continue  # what cannot be carried out waits for a person


def _read_reports(manager: User, *, before: dt.date) -> None:
    older = Paper.objects.visible_to(manager).filter(state=Paper.State.SUBMITTED, start_on__lt=before)
    for report in older:
        sheets.review_paper(report, by=manager)
