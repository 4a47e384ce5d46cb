"""What the diary writes into papers: visits, appointments, tasks, and the points that the last paper left."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.planning.periods import Span
from shengce.recordings.models import Conversation
from shengce.sheets.drafted import MOST_CHARACTERS, Drafted, moments, of_fact, own, span_of
from shengce.sheets.forms_of_papers import MOST_CELL
from shengce.sheets.models import Line, Paper, Period
from shengce.sheets.periods import following, previous
from shengce.visits.models import Appointment, Task, Visit
from shengce.visits.queries import talks_of

MOST = 100
_NEXT = {"monthly_summary": "next"}
"""The section of a paper that speaks about the next period, by the code of the paper."""


def visits(paper: Paper) -> Iterator[Drafted]:
    """A line a visit with check-in: from when to when, at whom; it plays the first talk of these hours, if one was recorded."""
    for row, heard in _visits(paper):
        came = timezone.localtime(row.came_at)
        until = f"–{timezone.localtime(row.left_at):%H:%M}" if row.left_at else ""
        day = "" if paper.template.period == Period.DAY else f"{came:%m-%d} "
        words = {"time": f"{day}{came:%H:%M}{until}", "customer": row.customer, "note": row.note}
        text = _("%(time)s visited %(customer)s") % words + (f"：{row.note}" if row.note else "")
        yield _visit(row, heard, text=text[:MOST_CHARACTERS])


def visits_unheard(paper: Paper) -> Iterator[Drafted]:
    """A row a visit of which no talk was recorded; those with a talk are told by the talk."""
    for row, heard in _visits(paper):
        if not heard:
            day = timezone.localdate(row.came_at).isoformat()
            yield _visit(
                row, heard, values={"day": day, "customer": str(row.customer), "seen": row.note[:MOST_CELL]}
            )


def _visits(paper: Paper) -> list[tuple[Visit, list[Conversation]]]:
    start, end = moments(span_of(paper))
    found = own(paper, Visit.objects.filter(came_at__gte=start, came_at__lt=end), "rep")
    rows = list(found.select_related("customer").order_by("came_at", "pk")[:MOST])
    talks = talks_of(rows)
    return [(row, talks[row.pk]) for row in rows]


def _visit(
    row: Visit, heard: list[Conversation], *, text: str = "", values: dict[str, str] | None = None
) -> Drafted:
    talk = heard[0] if heard else None
    return Drafted(
        f"visit:{row.pk}",
        text=text,
        values=values or {},
        link=reverse("visits:visit", args=[row.pk]),
        conversation=talk,
        start_ms=talk.start_ms if talk else None,
        end_ms=talk.end_ms if talk else None,
    )


def appointments(paper: Paper) -> Iterator[Drafted]:
    """Rows of what is agreed for the period."""
    start, end = moments(span_of(paper))
    rows = Appointment.objects.filter(start_at__gte=start, start_at__lt=end, state=Appointment.State.PLANNED)
    for row in (
        own(paper, rows, "owner")
        .select_related("customer", "fact__conversation")
        .order_by("start_at", "pk")[:MOST]
    ):
        local = timezone.localtime(row.start_at)
        values = {
            "day": local.date().isoformat(),
            "customer": str(row.customer or ""),
            "what": _("%(time)s appointment %(place)s") % {"time": f"{local:%H:%M}", "place": row.place},
            "aim": "",
        }
        key = f"appointment:{row.pk}"
        yield (
            of_fact(row.fact, key=key, values=values)
            if row.fact
            else Drafted(key, values=values, link=_customer(row))
        )


def _tasks(paper: Paper, span: Span) -> QuerySet[Task]:
    start, end = moments(span)
    rows = Task.objects.filter(due_at__gte=start, due_at__lt=end, state=Task.State.OPEN)
    return own(paper, rows, "owner").select_related("customer", "fact__conversation").order_by("due_at", "pk")


def tasks_due(paper: Paper) -> Iterator[Drafted]:
    """Rows of the open tasks that are due in the period."""
    for row in _tasks(paper, span_of(paper))[:MOST]:
        values = {
            "day": timezone.localdate(row.due_at).isoformat(),
            "customer": str(row.customer or ""),
            "what": row.title,
            "aim": "",
        }
        key = f"task:{row.pk}"
        yield (
            of_fact(row.fact, key=key, values=values)
            if row.fact
            else Drafted(key, values=values, link=_customer(row))
        )


def tasks_due_next(paper: Paper) -> Iterator[Drafted]:
    """Lines of the open tasks of the next period; of a day's paper: until the end of the next day."""
    for row in _tasks(paper, following(paper.template.period, span_of(paper)))[:MOST]:
        yield _line(row, f"task:{row.pk}")


def tasks_overdue(paper: Paper) -> Iterator[Drafted]:
    """Lines of the tasks that were due before the period and are still open."""
    start, _end = moments(span_of(paper))
    rows = Task.objects.filter(due_at__lt=start, state=Task.State.OPEN)
    for row in (
        own(paper, rows, "owner")
        .select_related("customer", "fact__conversation")
        .order_by("due_at", "pk")[:MOST]
    ):
        yield _line(row, f"overdue:{row.pk}")


def _line(row: Task, key: str) -> Drafted:
    words = {
        "day": f"{timezone.localdate(row.due_at):%m-%d}",
        "customer": row.customer or "",
        "title": row.title,
    }
    text = (_("%(day)s %(customer)s: %(title)s") if row.customer else _("%(day)s %(title)s")) % words
    return of_fact(row.fact, key=key, text=text) if row.fact else Drafted(key, text=text, link=_customer(row))


def _customer(row: Task | Appointment) -> str:
    return reverse("web:customer", args=[row.customer_id]) if row.customer_id else ""


def next_points(paper: Paper) -> Iterator[Drafted]:
    """The points that the last summary set for this period, as they stand there."""
    span = previous(paper.template.period, span_of(paper))
    for code, section in _NEXT.items():
        last = Paper.objects.filter(owner=paper.owner_id, code=code, start_on=span.start_on).first()
        if last is None:
            continue
        for line in Line.objects.filter(paper=last, section=section).select_related("fact__conversation")[
            :MOST
        ]:
            key, link = f"point:{line.pk}", reverse("sheets:report", args=[last.pk])
            yield (
                of_fact(line.fact, key=key, text=line.text)
                if line.fact
                else Drafted(key, text=line.text, link=link)
            )
