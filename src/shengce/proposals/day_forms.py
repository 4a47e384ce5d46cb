"""Forms of the rep's own day: a line of the daily report, a task, an appointment."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.facts.models import Fact
from shengce.facts.values import moment_of
from shengce.people.models import Role, User
from shengce.people.typed_text import typed_text
from shengce.proposals import drafting
from shengce.proposals.drafting import Values
from shengce.proposals.models import Proposal
from shengce.proposals.target import Target, in_firms_language, of_competitor, read_moment, seller_of
from shengce.sheets import actions as sheets
from shengce.sheets.forms_of_papers import daily_sections
from shengce.sheets.models import Line
from shengce.visits import actions as visits
from shengce.visits.models import Appointment, Task

SECTIONS = {
    "payment_promise": "results",
    "objection": "problems",
    "complaint": "problems",
    "competitor": "market",
    "price": "market",
    "diversion": "market",
    "appointment": "tomorrow",
    "next_step": "tomorrow",
}


# --- a line of the daily report


def _draft_line(fact: Fact) -> Values | None:
    rep = fact.conversation.rep
    if rep is None or rep.role != Role.REP or not of_competitor(fact):
        return None
    return {"section": SECTIONS[fact.kind], "text": in_firms_language(drafting.line_text, fact)}


def _clean_line(values: Values) -> Values:
    if values["section"] not in daily_sections():
        raise ValidationError(_("There is no such section in the daily report."), code="section")
    return {"section": values["section"], "text": typed_text(values["text"], most=1000)}


def _apply_line(proposal: Proposal, values: Values, by: User) -> models.Model:
    day = timezone.localdate(proposal.conversation.started_at)
    return sheets.add_proven_line(seller_of(proposal), day, by=by, fact=proposal.fact, **values)


LINE = Target(
    name=Proposal.Target.REPORT_LINE,
    kinds=tuple(SECTIONS),
    draft=_draft_line,
    clean=_clean_line,
    apply=_apply_line,
    withdraw=lambda line, by: sheets.withdraw_line(line, by=by),
    made=Line,
    words_only=("text", "section"),
)


# --- a task


def _draft_task(fact: Fact) -> Values | None:
    if fact.kind == "promise" and fact.role != "rep":
        return None
    due_at = drafting.due_moment(fact.value.get("due"))
    return {
        "title": (fact.value.get("text") or fact.quote)[:300],
        "due_at": due_at.isoformat() if due_at else None,
    }


def _clean_task(values: Values) -> Values:
    return {"title": typed_text(values["title"], most=300), "due_at": read_moment(values.get("due_at"))}


def _apply_task(proposal: Proposal, values: Values, by: User) -> models.Model:
    return visits.create_task(
        owner=seller_of(proposal), by=by, customer=proposal.customer, fact=proposal.fact, **values
    )


TASK = Target(
    name=Proposal.Target.TASK,
    kinds=("next_step", "promise"),
    draft=_draft_task,
    clean=_clean_task,
    apply=_apply_task,
    withdraw=lambda task, by: visits.withdraw_task(task, by=by),
    made=Task,
    words_only=("title",),
)


# --- an appointment


def _draft_appointment(fact: Fact) -> Values | None:
    start = moment_of(fact.value.get("start"))
    if start is None:
        return None
    end = moment_of(fact.value.get("end"))
    return {
        "start_at": start.isoformat(),
        "end_at": end.isoformat() if end is not None and end > start else None,
        "place": (fact.value.get("place") or "")[:200],
    }


def _clean_appointment(values: Values) -> Values:
    start = read_moment(values.get("start_at"))
    if start is None:
        raise ValidationError(_("An appointment needs date and time."), code="start_at")
    place = typed_text(values.get("place"), most=200, required=False)
    return {"start_at": start, "end_at": read_moment(values.get("end_at")), "place": place}


def _apply_appointment(proposal: Proposal, values: Values, by: User) -> models.Model:
    return visits.book_appointment(
        owner=seller_of(proposal), by=by, customer=proposal.customer, fact=proposal.fact, **values
    )


APPOINTMENT = Target(
    name=Proposal.Target.APPOINTMENT,
    kinds=("appointment",),
    draft=_draft_appointment,
    clean=_clean_appointment,
    apply=_apply_appointment,
    withdraw=lambda appointment, by: visits.withdraw_appointment(appointment, by=by),
    made=Appointment,
    words_only=("place",),
)
