"""Lists of papers: all of them, and who hands his in on time; each number of the second leads into the first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from shengce.people.asked import day, page_number, whole_number
from shengce.people.models import Unit
from shengce.people.permissions import may, require
from shengce.people.queries import visible_users
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.planning.periods import Span
from shengce.sheets.files import (
    list_heads,
    list_rows,
    on_time_heads,
    on_time_rows,
    result_words,
)
from shengce.sheets.forms_of_papers import in_force
from shengce.sheets.models import Paper
from shengce.sheets.on_time import RESULTS, SORTS, OnTime, on_time, papers_behind
from shengce.sheets.views import visible

PAGE_SIZE = 30
MOST_IN_FILE = 50_000
SPANS = (30, 90, 365)
BY = (
    ("unit", gettext_lazy("By unit")),
    ("person", gettext_lazy("By person")),
    ("kind", gettext_lazy("By kind of paper")),
)
_RELATED = ("owner", "unit", "reviewed_by", "template", "absence__confirmed_by")
_LIST_SORTS: dict[str, tuple[str, ...]] = {
    "due": ("due_at", "pk"),
    "-due": ("-due_at", "-pk"),
    "owner": ("owner__display_name", "-start_on", "code"),
    "unit": ("unit__path", "owner__display_name", "-start_on"),
    "-submitted": ("-submitted_at", "-pk"),
    "": ("-start_on", "owner__display_name", "code"),
}


# --- the list


def _state(request: SignedInRequest) -> str:
    usual = "submitted" if may(request.user, "reports.review") else ""
    return request.GET.get("state", "" if "result" in request.GET else usual)


def _found(request: SignedInRequest) -> QuerySet[Paper]:
    """The papers that were asked for. What is late or missing is known to be, though a draft of others is not opened."""
    require(request.user, "reports.see")
    asked, user, state = request.GET, request.user, _state(request)
    result = asked.get("result", "")
    sort = _LIST_SORTS.get(asked.get("sort", ""), _LIST_SORTS[""])
    if result in RESULTS:
        found = papers_behind(user, span=asked_span(request), result=result)
    elif state == "late":
        open_ones = Q(state__in=(Paper.State.DRAFT, Paper.State.RETURNED), excused=False)
        found = Paper.objects.visible_to(user).filter(open_ones, due_at__lt=timezone.now())
        sort = _LIST_SORTS.get(asked.get("sort", ""), _LIST_SORTS["due"])
    else:
        found = visible(user)
    if state in Paper.State.values:
        found = found.filter(state=state)
    if code := asked.get("code", "").replace("\x00", "")[:40]:
        found = found.filter(code=code)
    if (owner := whole_number(asked.get("owner"))) is not None:
        found = found.filter(owner=owner)
    if (unit := whole_number(asked.get("unit"))) is not None:
        path = Unit.objects.filter(pk=unit).values_list("path", flat=True).first()
        found = found.filter(unit__path__startswith=path) if path else found.none()
    if (within := whole_number(asked.get("in_unit"))) is not None:
        found = found.filter(unit=within) if within else found.filter(unit__isnull=True)
    return found.select_related(*_RELATED).order_by(*sort)


@require_GET
def reports(request: SignedInRequest) -> HttpResponse:
    """Papers of one's scope, newest first; a manager sees those to read by default."""
    user, asked = request.user, request.GET
    found, number = _found(request), page_number(asked.get("page"))
    first = (number - 1) * PAGE_SIZE
    rows = list(found[first : first + PAGE_SIZE + 1])
    result = asked.get("result", "")
    span = asked_span(request)
    context = {
        "papers": [(paper, _may_open(paper, request)) for paper in rows[:PAGE_SIZE]],
        "has_next": len(rows) > PAGE_SIZE,
        "number": number,
        "state": _state(request),
        "code": asked.get("code", ""),
        "owner": whole_number(asked.get("owner")),
        "result": result_words(result) if result in RESULTS else "",
        "span": span,
        "last_on": span.end_on - dt.timedelta(days=1),
        "kept": {
            name: asked[name]
            for name in ("result", "from", "to", "days", "unit", "in_unit", "sort")
            if name in asked
        },
        "states": [s for s in Paper.State.choices if s[0] != "draft" or not may(user, "reports.review")],
        "templates": in_force(),
        "owners": visible_users(user).order_by("display_name"),
        "may_write": may(user, "papers.write"),
        "may_be_away": may(user, "absences.see"),
        "may_rule": may(user, "papers.rules"),
    }
    return render(request, "sheets/reports.html", context)


def _may_open(paper: Paper, request: SignedInRequest) -> bool:
    return paper.state != Paper.State.DRAFT or paper.owner_id == request.user.pk


@require_GET
def reports_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The list as a table to save, with the same questions."""
    rows = list_rows(_found(request)[:MOST_IN_FILE])
    return table_response(rows, list_heads(), name=_("Papers"), file_format=file_format)


# --- who is on time


@dataclass(frozen=True, slots=True)
class _Asked:
    span: Span
    by: str
    code: str
    sort: str


def asked_span(request: SignedInRequest) -> Span:
    """The days in which papers fell due: ``from`` and ``to`` (the last day), or so many days until today."""
    asked, today = request.GET, timezone.localdate()
    days = whole_number(asked.get("days"))
    days = days if days in SPANS else SPANS[0]
    last = day(asked.get("to")) or today
    first = day(asked.get("from")) or last - dt.timedelta(days=days - 1)
    return Span(min(first, last), last + dt.timedelta(days=1))


def _asked(request: SignedInRequest) -> _Asked:
    asked = request.GET
    by, sort = asked.get("by", ""), asked.get("sort", "")
    return _Asked(
        span=asked_span(request),
        by=by if by in dict(BY) else "unit",
        code=asked.get("code", "").replace("\x00", "")[:40],
        sort=sort if sort.removeprefix("-") in SORTS else "rate",
    )


def _counted(request: SignedInRequest) -> tuple[_Asked, OnTime]:
    require(request.user, "reports.see")
    asked = _asked(request)
    return asked, on_time(request.user, span=asked.span, by=asked.by, code=asked.code, sort=asked.sort)


@require_GET
def punctuality(request: SignedInRequest) -> HttpResponse:
    """How many papers were due, came in time or late, are missing, returned or excused: by unit, person or kind."""
    asked, found = _counted(request)
    today, name = timezone.localdate(), asked.sort.removeprefix("-")
    last_month = today.replace(day=1) - dt.timedelta(days=1)
    context: dict[str, Any] = {
        "found": found,
        "may_be_away": may(request.user, "absences.see"),
        "asked": asked,
        "last_on": asked.span.end_on - dt.timedelta(days=1),
        "columns": [(each, result_words(each), _turned(each, asked.sort)) for each in RESULTS],
        "by_name": _turned("name", asked.sort),
        "by_rate": _turned("rate", asked.sort),
        "sorted_by": name,
        "descending": asked.sort.startswith("-") == (name in ("name", "rate")),
        "shapes": BY,
        "spans": SPANS,
        "days": whole_number(request.GET.get("days")),
        "months": [
            (_("This month"), today.replace(day=1), today),
            (_("Last month"), last_month.replace(day=1), last_month),
        ],
        "templates": [template for template in in_force() if template.regular],
    }
    return render(request, "sheets/punctuality.html", context)


def _turned(column: str, sort: str) -> str:
    """By what a press on the head of a column sorts."""
    return f"-{column}" if sort == column else column


@require_GET
def punctuality_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The finest numbers as a table to save: by unit, person and kind."""
    _question, found = _counted(request)
    return table_response(on_time_rows(found), on_time_heads(), name=_("On time"), file_format=file_format)
