"""HTTP of checks: the list and the manager's answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from shengce.claims import actions, queries
from shengce.claims.models import ClaimCheck
from shengce.claims.words import reason_words
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.asked import day, page_number, whole_number, words
from shengce.people.models import Role, Unit, User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps, visible_units
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response


@dataclass(frozen=True, slots=True)
class Row:
    """A check with its words, what may be heard and opened, and the answers that the person may give."""

    check: ClaimCheck
    words: str
    facts: list[Fact]
    unheard: bool
    customer_seen: bool
    answers: list[tuple[str, str]]


def asked_of(request: SignedInRequest) -> queries.Asked:
    """What the address asks for; wrong values are no values. Without a verdict: what differs. ``to`` is the last day."""
    asked = request.GET
    last = day(asked.get("to"))
    verdict = asked.get("verdict", ClaimCheck.Verdict.CONTRADICTS.value)
    return queries.Asked(
        verdict=verdict if verdict in ClaimCheck.Verdict.values else "",
        kind=asked.get("kind", "") if asked.get("kind") in ClaimCheck.Kind.values else "",
        source=asked.get("source", "") if asked.get("source") in ClaimCheck.Source.values else "",
        state=asked.get("state", "") if asked.get("state") in queries.STATES else "",
        rep=whole_number(asked.get("rep")),
        customer=whole_number(asked.get("customer")),
        unit=visible_units(request.user).filter(pk=whole_number(asked.get("unit")) or 0).first(),
        text=words(asked.get("q"), most=100),
        start_on=day(asked.get("from")),
        end_on=last + dt.timedelta(days=1) if last else None,
        sort=asked.get("sort", "") if asked.get("sort") in queries.SORTS else "",
    )


@require_GET
def checks(request: SignedInRequest) -> HttpResponse:
    """What was typed beside what was said; first what differs."""
    require(request.user, "claims.see")
    user, asked, number = request.user, asked_of(request), page_number(request.GET.get("page"))
    found, has_next = queries.check_page(user, asked, page=number)
    numbers = queries.counts(user, asked)
    context = {
        "rows": _rows(request, found),
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "filtered": any(value and name not in ("page", "verdict") for name, value in request.GET.items()),
        "verdicts": [(value, label, numbers[value]) for value, label in ClaimCheck.Verdict.choices],
        "kinds": ClaimCheck.Kind.choices,
        "sources": ClaimCheck.Source.choices,
        "reps": visible_reps(user) if user.role != Role.REP else (),
        "units": visible_units(user).order_by("path"),
        "of_customer": _visible_customer(request, asked.customer),
        "sorts": (
            ("", _("Without answer first")),
            ("-typed", _("Newest first")),
            ("typed", _("Oldest first")),
            ("customer", _("By customer")),
            ("rep", _("By rep")),
        ),
    }
    return render(request, "claims/checks.html", context)


@require_GET
def totals(request: SignedInRequest) -> HttpResponse:
    """How much was typed and how much of it was heard, by unit and by person: to see where a talk helps."""
    require(request.user, "claims.see")
    asked = asked_of(request)
    people, units = queries.totals(request.user, asked)
    carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    context = {
        "tables": ((_("By unit"), _("Unit"), units), (_("By person"), _("Typed by"), people)),
        "verdicts": ClaimCheck.Verdict.choices,
        "asked": asked,
        "kinds": ClaimCheck.Kind.choices,
        "sources": ClaimCheck.Source.choices,
        "carried": urlencode(carried),
        "filtered": bool(carried),
    }
    return render(request, "claims/totals.html", context)


CARRIED = ("kind", "source", "from", "to")
"""What narrows the totals, and goes along to the list behind a number."""


@require_GET
def export(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The checks that were asked for as a table to save; what one may not hear is not told in it either."""
    require(request.user, "claims.see")
    columns = [
        _("Result"), _("Kind"), _("Customer"), _("Typed by"), _("Unit"), _("Typed at"), _("Typed in"),
        pgettext("claim", "Typed"), pgettext("claim", "Said"), _("Heard in"), pgettext("claim", "In words"),
        pgettext("claim", "Answer"), _("Answered by"), _("Answered at"), _("Note"),
    ]  # fmt: skip
    name = f"typed-and-said-{timezone.localdate()}"
    return table_response(_table(request), columns, name=name, file_format=file_format)


def _table(request: SignedInRequest) -> Iterator[list[Any]]:
    found = queries.checks(request.user, asked_of(request))
    rows = found.select_related("customer", "typed_by", "answered_by", "unit").iterator(chunk_size=_AT_ONCE)
    while some := list(islice(rows, _AT_ONCE)):
        heard = queries.passages(request.user, some)
        for check in some:
            facts = heard.get(check.pk, [])
            hidden = check.pk in heard and not facts
            yield [
                str(check.get_verdict_display()), str(check.get_kind_display()), str(check.customer), _name(check.typed_by),
                _name(check.unit), check.typed_at, str(check.get_source_display()), check.text,
                "\n".join(fact.quote for fact in facts), facts[0].conversation.started_at if facts else None,
                "" if hidden else reason_words(check), str(check.get_answer_display()), _name(check.answered_by),
                check.answered_at, check.answer_note,
            ]  # fmt: skip


def _name(row: User | Unit | None) -> str:
    return "" if row is None else str(row)


_AT_ONCE = 500


def _rows(request: SignedInRequest, found: list[ClaimCheck]) -> list[Row]:
    user = request.user
    heard = queries.passages(user, found)
    customers = Customer.objects.visible_to(user).filter(pk__in={check.customer_id for check in found})
    seen = set(customers.values_list("pk", flat=True))
    may_answer = may(user, "claims.answer")
    return [
        Row(
            check,
            reason_words(check),
            heard.get(check.pk, []),
            check.pk in heard and not heard[check.pk],
            check.customer_id in seen,
            _answers(check) if may_answer and actions.may_answer_for(user, check) else [],
        )
        for check in found
    ]


def _answers(check: ClaimCheck) -> list[tuple[str, str]]:
    """What agrees needs no answer; what no talk mentions cannot hold as it was said."""
    if check.verdict == ClaimCheck.Verdict.AGREES:
        return []
    said = check.verdict == ClaimCheck.Verdict.CONTRADICTS
    return [(a.value, str(a.label)) for a in ClaimCheck.Answer if said or a != ClaimCheck.Answer.AS_SAID]


def _visible_customer(request: SignedInRequest, pk: int | None) -> Customer | None:
    return None if pk is None else Customer.objects.visible_to(request.user).filter(pk=pk).first()


@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The manager's answer; back to where he was."""
    check = get_object_or_404(ClaimCheck.objects.visible_to(request.user), pk=pk)
    try:
        actions.note_heard(
            check,
            by=request.user,
            answer=request.POST.get("answer", ""),
            note=request.POST.get("note", ""),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Your answer is kept."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = ""
    return redirect(back or "claims:checks")
