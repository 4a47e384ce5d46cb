"""What the diary writes into papers: visits, appointments, tasks, and the points that the last paper left."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.planning.periods import Span
from shengce.recordings.models import Conversation
from shengce.sheets.drafted import MOST_CHARACTERS, Desk, Drafted, moments, of_fact, span_of, tied
from shengce.sheets.forms_of_papers import MOST_CELL
from shengce.sheets.models import Line, Paper, Period
from shengce.sheets.periods import following, previous
from shengce.visits.models import AHEAD, Appointment, Task, Visit
from shengce.visits.queries import talks_of

MOST = 100
_NEXT = {"monthly_summary": "next"}
"""The section of a paper that speaks about the next period, by the code of the paper."""

Heard = tuple[Visit, list[Conversation]]


def visits(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A line a visit with check-in: from when to when, at whom; it plays the first talk of these hours, if one was recorded."""
    for row, heard in visits_of(paper, desk):
        came = timezone.localtime(row.came_at)
        until = f"–{timezone.localtime(row.left_at):%H:%M}" if row.left_at else ""
        day = "" if paper.template.period == Period.DAY else f"{came:%m-%d} "
        words = {"time": f"{day}{came:%H:%M}{until}", "customer": row.customer, "note": row.note}
        text = _("%(time)s visited %(customer)s") % words + (f"：{row.note}" if row.note else "")
        yield _visit(row, heard, text=text[:MOST_CHARACTERS])


def visits_unheard(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A row a visit of which no talk was recorded; those with a talk are told by the talk."""
    for row, heard in visits_of(paper, desk):
        if not heard:
            values = {
                "day": timezone.localdate(row.came_at).isoformat(),
                "customer": str(row.customer),
                "place": row.customer.city,
                "seen": row.note[:MOST_CELL],
            }
            yield _visit(row, heard, values=values)


def visits_of(paper: Paper, desk: Desk) -> list[Heard]:
    """The visits of the period with their talks, in order."""
    span = span_of(paper)

    def rows() -> QuerySet[Visit]:
        start, end = moments(span)
        found = Visit.objects.filter(came_at__gte=start, came_at__lt=end)
        return found.select_related("customer").order_by("came_at", "pk")

    return desk.own(paper, ("visits", span), rows, "rep", most=MOST, then=_with_talks)


def _with_talks(rows: list[Visit]) -> list[Heard]:
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
        ties=tied(customer=row.customer_id),
    )


def _appointments(paper: Paper, desk: Desk, span: Span) -> list[Appointment]:
    def rows() -> QuerySet[Appointment]:
        start, end = moments(span)
        found = Appointment.objects.filter(start_at__gte=start, start_at__lt=end, state__in=AHEAD)
        return found.select_related("customer", "fact__conversation").order_by("start_at", "pk")

    return desk.own(paper, ("appointments", span), rows, "owner", most=MOST)


def appointments(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of what is agreed for the period."""
    for row in _appointments(paper, desk, span_of(paper)):
        local = timezone.localtime(row.start_at)
        values = {
            "day": local.date().isoformat(),
            "customer": str(row.customer or ""),
            "what": _("%(time)s appointment %(place)s") % {"time": f"{local:%H:%M}", "place": row.place},
            "aim": "",
        }
        key, ties = f"appointment:{row.pk}", tied(customer=row.customer_id)
        yield (
            of_fact(row.fact, key=key, values=values, ties=ties)
            if row.fact
            else Drafted(key, values=values, link=_customer(row), ties=ties)
        )


def appointments_next(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Lines of what is agreed for the next period; of a day's paper: for the next day."""
    for row in _appointments(paper, desk, following(paper.template.period, span_of(paper))):
        local = timezone.localtime(row.start_at)
        words = {"time": f"{local:%m-%d %H:%M}", "customer": row.customer or "", "place": row.place}
        text = (_("%(time)s appointment with %(customer)s %(place)s") % words).strip()
        key = f"appointment:{row.pk}"
        yield (
            of_fact(row.fact, key=key, text=text)
            if row.fact
            else Drafted(key, text=text, link=_customer(row))
        )


def _tasks(paper: Paper, desk: Desk, span: Span) -> list[Task]:
    def rows() -> QuerySet[Task]:
        start, end = moments(span)
        found = Task.objects.filter(due_at__gte=start, due_at__lt=end, state=Task.State.OPEN)
        return found.select_related("customer", "fact__conversation").order_by("due_at", "pk")

    return desk.own(paper, ("tasks", span), rows, "owner", most=MOST)


def tasks_due(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of the open tasks that are due in the period."""
    for row in _tasks(paper, desk, span_of(paper)):
        values = {
            "day": timezone.localdate(row.due_at).isoformat(),
            "customer": str(row.customer or ""),
            "what": row.title,
            "aim": "",
        }
        key, ties = f"task:{row.pk}", tied(customer=row.customer_id)
        yield (
            of_fact(row.fact, key=key, values=values, ties=ties)
            if row.fact
            else Drafted(key, values=values, link=_customer(row), ties=ties)
        )


def tasks_due_next(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Lines of the open tasks of the next period; of a day's paper: until the end of the next day."""
    for row in _tasks(paper, desk, following(paper.template.period, span_of(paper))):
        yield _line(row, f"task:{row.pk}")


def tasks_overdue(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Lines of the tasks that were due before the period and are still open."""

    def rows() -> QuerySet[Task]:
        start, _end = moments(span_of(paper))
        found = Task.objects.filter(due_at__lt=start, state=Task.State.OPEN)
        return found.select_related("customer", "fact__conversation").order_by("due_at", "pk")

    for row in desk.own(paper, ("tasks before", paper.start_on), rows, "owner", most=MOST):
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


def next_points(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """The points that the last summary set for this period, as they stand there."""
    span = previous(paper.template.period, span_of(paper))
    for line in last_lines(paper, desk, span, _NEXT):
        key, link = f"point:{line.pk}", reverse("sheets:report", args=[line.paper_id])
        yield (
            of_fact(line.fact, key=key, text=line.text)
            if line.fact
            else Drafted(key, text=line.text, link=link)
        )


def last_lines(paper: Paper, desk: Desk, span: Span, sections: dict[str, str]) -> list[Line]:
    """Lines of the writer's own papers of an earlier period; ``sections`` is the section by the code of the paper."""

    def read() -> dict[int, list[Line]]:
        found = Line.objects.filter(paper__owner__in=desk.owners, paper__start_on=span.start_on).filter(
            paper__code__in=sections, section__in=sections.values()
        )
        mine: dict[int, list[Line]] = {}
        for line in found.select_related("paper", "fact__conversation"):
            if line.section == sections[line.paper.code]:
                mine.setdefault(line.paper.owner_id, []).append(line)
        return mine

    found = desk.once(("last lines", span, *sections.items()), read)
    lines: list[Line] = found.get(paper.owner_id, [])[:MOST]
    return lines
