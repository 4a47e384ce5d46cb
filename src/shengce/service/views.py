"""HTTP of tickets: the queue, one ticket, a new one, the rules of deadlines. The statistics live in ``web``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.customers.queries import customer_list
from shengce.people.asked import day, page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.people.working_days import working_calendar
from shengce.service import actions, queries
from shengce.service.deadlines import Rule, all_rules, default_causes
from shengce.service.forms import (
    AssignForm,
    CloseForm,
    ReopenForm,
    RuleForm,
    SolveForm,
    StepForm,
    TicketForm,
    WithdrawForm,
)
from shengce.service.models import PENDING, Kind, Priority, Ticket
from shengce.service.words import Clock, answer_clock, due_clock, solve_clock

_SORTS = ("deadline", "opened", "-opened", "priority", "customer")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the queue: the ticket, its clock, and what may be opened from it."""

    ticket: Ticket
    clock: Clock
    audible: bool
    customer_seen: bool


def asked_of(request: SignedInRequest) -> queries.Asked:
    """What the address asks for; wrong values are no values. ``to`` is the last day itself."""
    asked = request.GET
    last = day(asked.get("to"))
    return queries.Asked(
        which=asked.get("which", "") if asked.get("which") in queries.WHICH else "",
        state=asked.get("state") or "pending",
        kind=asked.get("kind", ""),
        priority=asked.get("priority", ""),
        product=whole_number(asked.get("product")),
        rep=whole_number(asked.get("rep")),
        customer=whole_number(asked.get("customer")),
        cause=words(asked.get("cause")),
        text=words(asked.get("q"), most=100),
        start_on=day(asked.get("from")),
        end_on=last + dt.timedelta(days=1) if last else None,
        late=asked.get("late", ""),
        satisfaction=whole_number(asked.get("satisfaction")),
        sort=asked.get("sort", "") if asked.get("sort") in _SORTS else "",
    )


@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """What waits: mine, nobody's, late; sorted by deadline."""
    require(request.user, "tickets.see")
    user, asked, number = request.user, asked_of(request), page_number(request.GET.get("page"))
    rows, has_next = queries.ticket_page(user, asked, page=number)
    context = {
        "lines": _lines(request, rows),
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "filtered": any(value and name not in ("page", "which") for name, value in request.GET.items()),
        "counts": queries.counts(user),
        "states": Ticket.State.choices,
        "kinds": Kind.choices,
        "priorities": Priority.choices,
        "products": Product.objects.order_by("name").only("pk", "name"),
        "reps": queries.reps_to_filter(user),
        "of_customer": _visible_customer(request, asked.customer),
        "may_edit": may(user, "tickets.edit"),
    }
    return render(request, "service/queue.html", context)


def _lines(request: SignedInRequest, rows: list[Ticket]) -> list[Line]:
    now, calendar = timezone.now(), working_calendar()
    heard = queries.audible(request.user, rows)
    customers = Customer.objects.visible_to(request.user).filter(pk__in={row.customer_id for row in rows})
    seen = set(customers.values_list("pk", flat=True)) if may(request.user, "customers.see") else set()
    return [
        Line(
            row,
            due_clock(row, now=now, calendar=calendar),
            row.fact_id in heard,
            row.customer_id in seen,
        )
        for row in rows
    ]


def _visible_customer(request: SignedInRequest, pk: int | None) -> Customer | None:
    return None if pk is None else Customer.objects.visible_to(request.user).filter(pk=pk).first()


@require_GET
def export(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The filtered tickets as a table to save."""
    require(request.user, "tickets.see")
    columns = [
        _("Ticket number"), _("Customer"), _("What it is about"), _("Kind"), _("Priority"), _("State"), _("Product"),
        _("Given to"), _("Rep"), pgettext("ticket", "Opened"), _("Answer by"), _("Answered"), _("Solve by"), _("Solved"),
        _("Cause"), _("Cost, yuan"), _("Satisfaction"), _("Feedback"),
    ]  # fmt: skip
    rows = _table(request)
    return table_response(rows, columns, name=f"tickets-{timezone.localdate()}", file_format=file_format)


def _table(request: SignedInRequest) -> Iterator[list[Any]]:
    """Rows as plain values: a long table is written three times as fast as from objects."""
    names = {value: str(label) for field in (Kind, Priority, Ticket.State) for value, label in field.choices}
    rows = queries.tickets(request.user, asked_of(request)).values_list(
        "number", "customer__name", "title", "kind", "priority", "state", "product__name",
        "owner__display_name", "rep__display_name", "opened_at", "answer_by", "answered_at", "solve_by",
        "solved_at", "cause", "cost", "satisfaction", "feedback",
    )  # fmt: skip
    for row in rows.iterator(chunk_size=2000):
        yield [*row[:3], *(names[value] for value in row[3:6]), *row[6:]]


@require_http_methods(["GET", "POST"])
def new_ticket(request: SignedInRequest) -> HttpResponse:
    """Of ``?customer=``; where none is named, he is looked for first."""
    require(request.user, "tickets.edit")
    pk = whole_number(request.GET.get("customer"))
    if pk is None:
        text = words(request.GET.get("q"), most=100)
        found = customer_list(request.user, text=text)[0][:12]  # without words those last talked to
        return render(request, "service/whose.html", {"found": found, "text": text})
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    form = TicketForm(request.POST or None, owners=queries.assignable(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_ticket(by=request.user, customer=customer, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Ticket %(number)s is open.") % {"number": made.number})
            return redirect("service:ticket", pk=made.pk)
    context = {"form": form, "customer": customer, "pending": queries.open_ticket_count(customer)}
    return render(request, "service/new.html", context, status=422 if form.errors else 200)


@require_GET
def ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """One ticket: the passage, what was done, what can be done now."""
    require(request.user, "tickets.see")
    return _ticket_page(request, _found(request, pk))


def _found(request: SignedInRequest, pk: int | str) -> Ticket:
    rows = Ticket.objects.visible_to(request.user).select_related(
        "customer", "product", "owner", "rep", "fact__conversation", "opened_by", "escalated_to"
    )
    return get_object_or_404(rows, pk=pk)


def _ticket_page(
    request: SignedInRequest, found: Ticket, *, failed: dict[str, forms.Form] | None = None
) -> HttpResponse:
    user, now, calendar = request.user, timezone.now(), working_calendar()
    line = _lines(request, [found])[0]
    clocks = [clock(found, now=now, calendar=calendar) for clock in (answer_clock, solve_clock)]
    others = queries.tickets_of(found.customer, user=user).exclude(pk=found.pk)
    english = (get_language() or "").startswith("en")
    offered = [cause["en" if english else "zh"] for cause in default_causes()]
    context = {
        "ticket": found,
        "line": line,
        "clocks": clocks,
        "guessed": sorted({year for clock in clocks for year in clock.guessed}),
        "pending": found.state in PENDING,
        "steps": found.steps.select_related("by"),
        "others": others[:8],
        "causes": dict.fromkeys([*queries.causes_written(), *offered]),
        "may_edit": may(user, "tickets.edit"),
        "offered": _offered(found),
        "failed": next(iter(failed), "") if failed else "",
        "forms": {**{what: _form(what, request, found, None) for what in _DOING}, **(failed or {})},
    }
    return render(request, "service/ticket.html", context, status=422 if failed else 200)


_DOING: dict[str, Callable[..., object]] = {
    "step": actions.add_step,
    "assign": actions.assign_ticket,
    "solve": actions.solve_ticket,
    "close": actions.close_ticket,
    "reopen": actions.reopen_ticket,
    "withdraw": actions.withdraw_ticket,
}


def _offered(found: Ticket) -> tuple[str, ...]:
    """What can be done with a ticket as it stands."""
    if found.state in PENDING:
        untouched = found.state == Ticket.State.OPEN and found.answered_at is None
        return ("step", "solve", "assign", *(("withdraw",) if untouched else ()))
    return ("close", "reopen") if found.state == Ticket.State.SOLVED else ("reopen",)


def _form(what: str, request: SignedInRequest, found: Ticket, data: Any) -> forms.Form:
    """The form of one thing that can be done; ``data`` is what was sent."""
    names = f"{what}_%s"
    if what == "assign":
        owners = queries.assignable(request.user)
        return AssignForm(data, auto_id=names, owners=owners, initial={"owner": found.owner_id})
    if what == "step":
        state = found.state if found.state == Ticket.State.WAITING else Ticket.State.WORKING
        return StepForm(data, auto_id=names, initial={"state": state})
    plain: dict[str, type[forms.Form]] = {
        "solve": SolveForm,
        "close": CloseForm,
        "reopen": ReopenForm,
        "withdraw": WithdrawForm,
    }
    return plain[what](data, auto_id=names)


@require_POST
def change(request: SignedInRequest, pk: str, what: str) -> HttpResponse:
    """Do one thing to a ticket. What cannot be done comes back with the reason, and with what was typed."""
    require(request.user, "tickets.edit")
    found = _found(request, pk)
    form = _form(what, request, found, request.POST)
    if form.is_valid():
        try:
            _DOING[what](found, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
    if form.errors and what in _offered(found):
        return _ticket_page(request, found, failed={what: form})
    if form.errors:  # somebody else was quicker: the form is gone from the page
        messages.error(
            request, " ".join(str(reason) for reasons in form.errors.values() for reason in reasons)
        )
    else:
        messages.success(request, _("Saved."))
    still_there = Ticket.objects.visible_to(request.user).filter(pk=found.pk).exists()
    return redirect("service:ticket", pk=found.pk) if still_there else redirect("service:queue")


@require_http_methods(["GET", "POST"])
def rules(request: SignedInRequest) -> HttpResponse:
    """Within how many working hours; which days are worked stands in the calendar of the firm."""
    require(request.user, "tickets.see")
    if request.method == "POST":
        require(request.user, "tickets.rules")
    rows = _rule_forms(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _save_rules(request, rows):
        messages.success(request, _("Saved. Tickets that are open already keep their deadlines."))
        return redirect("service:rules")
    return _rules_page(request, rows)


def _rule_forms(data: Any) -> list[tuple[Rule, RuleForm]]:
    return [(rule, _rule_form(rule, data)) for rule in all_rules()]


def _rule_form(rule: Rule, data: Any) -> RuleForm:
    standing = {"answer_hours": rule.answer_hours, "solve_hours": rule.solve_hours}
    form = RuleForm(data, prefix=f"{rule.kind}-{rule.priority}", initial=standing)
    for name in form.fields:
        label = f"{Kind(rule.kind).label} · {Priority(rule.priority).label} · {form.fields[name].label}"
        form.fields[name].widget.attrs.update({"aria-label": label, "class": "hours"})
    return form


def _save_rules(request: SignedInRequest, rows: list[tuple[Rule, RuleForm]]) -> bool:
    """All of them or none; what was not changed is not written."""
    valid = [form.is_valid() for _rule, form in rows]  # every one, so that each shows what is wrong with it
    if not all(valid):
        return False
    for rule, form in rows:
        if form.has_changed():
            try:
                actions.save_rule(
                    by=request.user, kind=rule.kind, priority=rule.priority, **form.cleaned_data
                )
            except ValidationError as problem:
                form.add_error(None, problem)
    return not any(form.errors for _rule, form in rows)


def _rules_page(request: SignedInRequest, rows: list[tuple[Rule, RuleForm]]) -> HttpResponse:
    calendar, year = working_calendar(), timezone.localdate().year
    by_kind: dict[str, list[Any]] = {}
    for rule, form in rows:
        by_kind.setdefault(str(Kind(rule.kind).label), []).append((Priority(rule.priority).label, rule, form))
    wrong = any(form.errors for _rule, form in rows)
    context = {
        "by_kind": by_kind,
        "spells": calendar.spells,
        "day_hours": calendar.day_length / dt.timedelta(hours=1),
        "years": [(each, calendar.knows(each)) for each in (year, year + 1)],
        "may_edit": may(request.user, "tickets.rules"),
    }
    return render(request, "service/rules.html", context, status=422 if wrong else 200)
