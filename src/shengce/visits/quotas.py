"""Development quotas: so many new, won, dormant, unwilling customers a month; computed from talks, visits and deals.

A *contact* is a talk with a customer or a check-in at him. Each measure answers with customers (or, for plain counts,
with rows), so that every number opens to what was counted.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shengce.customers.models import Deal
from shengce.facts.models import Fact
from shengce.people.models import Role, Unit, User, record
from shengce.people.permissions import require
from shengce.people.queries import visible_users
from shengce.people.scope import subtree_ids
from shengce.people.typed_text import typed_text
from shengce.recordings.models import Conversation, Recording
from shengce.visits.models import Appointment, Quota, Task, Visit
from shengce.visits.queries import first_moment
from shengce.visits.rules import shipped

Span = tuple[dt.datetime, dt.datetime]
Counted = dict[int, set[int]]
"""By rep: ids of the customers that count, or of the rows where the measure counts rows."""
DayAt = tuple[int, dt.date]
"""A customer, and a day on which one was with him."""


def new_contacts(reps: list[int], span: Span) -> Counted:
    """Customers whose first contact ever lies in the month."""
    touched = _contacts(reps, span)
    return _without(touched, _touched_before(touched, span[0]))


def won(reps: list[int], span: Span) -> Counted:
    """Customers with whom the first deal was won in the month."""
    earlier = Deal.objects.filter(customer=OuterRef("customer"), stage=Deal.Stage.WON, closed_at__lt=span[0])
    rows = Deal.objects.filter(
        ~Exists(earlier), owner__in=reps, stage=Deal.Stage.WON, closed_at__gte=span[0], closed_at__lt=span[1]
    )
    return _sets(rows.values_list("owner", "customer"))


def dormant(reps: list[int], span: Span) -> Counted:
    """Customers contacted in the month, with whom there was contact once, but none in the many days before this month's first."""
    touched = _contacts(reps, span)
    long_ago = span[0] - dt.timedelta(days=shipped()["dormant_days"])
    return _only(touched, _touched_before(touched, span[0]) - _touched_since(touched, long_ago, span[0]))


def no_intent(reps: list[int], span: Span) -> Counted:
    """Customers contacted in the month who had said before that they need nothing, or with whom a deal was lost."""
    touched = _contacts(reps, span)
    ids = set().union(*touched.values()) if touched else set()
    refused = Fact.objects.standing().filter(
        kind=Fact.Kind.OBJECTION, value__reason__in=["need", "timing"], conversation__customer__in=ids,
        conversation__started_at__lt=span[0],
    )  # fmt: skip
    lost = Deal.objects.filter(customer__in=ids, stage=Deal.Stage.LOST, closed_at__lt=span[0])
    known = {
        *refused.values_list("conversation__customer", flat=True),
        *lost.values_list("customer", flat=True),
    }
    return _only(touched, known)


def dormant_or_no_intent(reps: list[int], span: Span) -> Counted:
    """Both kinds together; a customer counts once."""
    first, second = dormant(reps, span), no_intent(reps, span)
    return {rep: first.get(rep, set()) | second.get(rep, set()) for rep in {*first, *second}}


def visits_made(reps: list[int], span: Span) -> dict[int, set[DayAt]]:
    """Days at a customer: a check-in, or a talk on the spot; what falls on one day is one visit, as on the monthly cards."""
    came = Visit.objects.filter(rep__in=reps, came_at__gte=span[0], came_at__lt=span[1])
    talked = Conversation.objects.filter(
        rep__in=reps,
        customer__isnull=False,
        direction=Recording.Direction.ONSITE,
        started_at__gte=span[0],
        started_at__lt=span[1],
    )
    found: dict[int, set[DayAt]] = defaultdict(set)
    for rep, customer, at in (
        *came.values_list("rep", "customer", "came_at"),
        *talked.values_list("rep", "customer", "started_at"),
    ):
        found[rep].add((customer, timezone.localdate(at)))
    return dict(found)


def appointments_kept(reps: list[int], span: Span) -> Counted:
    rows = Appointment.objects.filter(
        owner__in=reps, state=Appointment.State.KEPT, start_at__gte=span[0], start_at__lt=span[1]
    )
    return _sets(rows.values_list("owner", "pk"))


def tasks_done(reps: list[int], span: Span) -> Counted:
    rows = Task.objects.filter(
        owner__in=reps, state=Task.State.DONE, done_at__gte=span[0], done_at__lt=span[1]
    )
    return _sets(rows.values_list("owner", "pk"))


@dataclass(frozen=True, slots=True)
class Measure:
    """``of`` says what the ids are: customers, days at customers (:data:`DayAt`), appointments or tasks."""

    key: str
    label: str | Promise
    count: Callable[[list[int], Span], Mapping[int, Set[Any]]]
    of: str = "customers"
    help: str | Promise = ""


MEASURES: tuple[Measure, ...] = (
    Measure("new_contacts", gettext_lazy("New customers contacted"), new_contacts, help=gettext_lazy("first talk or check-in ever")),
    Measure("won", gettext_lazy("New customers won"), won, help=gettext_lazy("first deal won")),
    Measure("dormant", gettext_lazy("Dormant customers contacted"), dormant, help=gettext_lazy("no contact for a long time before")),
    Measure("no_intent", gettext_lazy("Unwilling customers contacted"), no_intent, help=gettext_lazy("said no need before, or a deal was lost")),
    Measure("dormant_or_no_intent", gettext_lazy("Dormant or unwilling customers contacted"), dormant_or_no_intent, help=gettext_lazy("a customer counts once")),
    Measure("visits", gettext_lazy("Visits made"), visits_made, of="days", help=gettext_lazy("days at a customer, by check-in or a talk on the spot")),
    Measure("appointments_kept", gettext_lazy("Appointments kept"), appointments_kept, of="appointments"),
    Measure("tasks_done", pgettext_lazy("quota", "Tasks done"), tasks_done, of="tasks"),
)  # fmt: skip
"""What can be counted; a new one is one entry more."""
BY_KEY = {measure.key: measure for measure in MEASURES}


# --- who has which quota, and how far he is


@dataclass(frozen=True, slots=True)
class Goal:
    """A quota as it holds for one person. ``quota`` is none where it is one of those that are shipped."""

    name: str
    measure: str
    least: int
    most: int | None
    quota: Quota | None = None

    @property
    def label(self) -> str:
        return self.name or str(BY_KEY[self.measure].label)


@dataclass(frozen=True, slots=True)
class Progress:
    """``ids`` are what was counted; ``share`` is of ``least``, at most 1."""

    goal: Goal
    ids: frozenset[Any]

    @property
    def value(self) -> int:
        return len(self.ids)

    @property
    def share(self) -> float:
        return min(1.0, self.value / self.goal.least) if self.goal.least else 1.0

    @property
    def reached(self) -> bool:
        return self.value >= self.goal.least


def month_span(month: dt.date) -> Span:
    """The half-open month as moments."""
    first = month.replace(day=1)
    return first_moment(first), first_moment((first + dt.timedelta(days=32)).replace(day=1))


def goals_of(reps: Iterable[User], month: dt.date) -> dict[int, list[Goal]]:
    """The quotas of each person in a month: the narrowest of each name. A shipped one holds until a quota of the same measure
    is saved for the person; one with 0 takes it away. Two queries.
    """
    first = month.replace(day=1)
    rows = list(
        Quota.objects.filter(start_on__lte=first)
        .exclude(end_on__lte=first)
        .select_related("unit")
        .order_by("pk")
    )
    paths = dict(Unit.objects.values_list("pk", "path")) if any(row.unit_id for row in rows) else {}
    return {rep.pk: _goals(rep, rows, paths) for rep in reps}


def _goals(rep: User, rows: list[Quota], paths: dict[int, str]) -> list[Goal]:
    path = paths.get(rep.unit_id or 0, "")
    chosen: dict[tuple[str, str], tuple[int, Quota]] = {}
    for row in rows:
        if row.measure not in BY_KEY or (row.rep_id is not None and row.rep_id != rep.pk):
            continue
        if row.unit is not None and not path.startswith(row.unit.path):
            continue
        narrow = 10_000 if row.rep_id else len(row.unit.path) if row.unit is not None else 0
        if (row.name, row.measure) not in chosen or chosen[row.name, row.measure][0] <= narrow:
            chosen[row.name, row.measure] = (narrow, row)
    own = [Goal(q.name, q.measure, q.least, q.most, q) for _narrow, q in chosen.values()]
    usual = [Goal("", row["measure"], row["least"], row.get("most")) for row in shipped()["quotas"]]
    goals = [*own, *(goal for goal in usual if goal.measure not in {each.measure for each in own})]
    order = [measure.key for measure in MEASURES]
    wanted = [goal for goal in goals if goal.least or goal.most]
    return sorted(wanted, key=lambda goal: (order.index(goal.measure), goal.name))


def progress_of(reps: Iterable[User], month: dt.date) -> dict[int, list[Progress]]:
    """How far each person is in a month. Few queries whatever the number of people."""
    people = list(reps)
    goals = goals_of(people, month)
    ids = [rep.pk for rep in people]
    span = month_span(month)
    wanted = {goal.measure for row in goals.values() for goal in row}
    counted = {key: BY_KEY[key].count(ids, span) for key in wanted}
    return {
        rep.pk: [Progress(goal, frozenset(counted[goal.measure].get(rep.pk, ()))) for goal in goals[rep.pk]]
        for rep in people
    }


# --- setting quotas


@transaction.atomic
def save_quota(
    *,
    by: User,
    measure: str,
    least: int,
    start_on: dt.date,
    name: str = "",
    most: int | None = None,
    unit: Unit | None = None,
    rep: User | None = None,
    quota: Quota | None = None,
) -> Quota:
    """A quota of one's own part of the firm, from a month on; with ``quota`` that one is changed.

    A later month than the one from which it held: earlier months keep what held in them.
    """
    require(by, "quotas.edit")
    if measure not in BY_KEY:
        raise ValidationError(_("Choose what is counted."), code="measure")
    if not 0 <= least <= 10_000 or (most is not None and not least <= most <= 10_000):
        raise ValidationError(
            _("The numbers are from 0 to 10,000, and the upper one is not below."), code="least"
        )
    if unit is not None and rep is not None:
        raise ValidationError(_("Choose a person or a unit, not both."), code="both")
    _require_scope(by, unit, rep)
    if quota is not None:
        _require_scope(by, quota.unit, quota.rep)
    words, first = typed_text(name, most=60, required=False), start_on.replace(day=1)
    same = Quota.objects.filter(name=words, measure=measure, unit=unit, rep=rep).exclude(end_on__lte=first)
    if quota is not None:
        same = same.exclude(pk=quota.pk)
        same = same.filter(start_on__lt=quota.end_on) if quota.end_on else same
    if same.exists():
        raise ValidationError(
            _("There is this quota already, for the same people: change that one."), code="doubled"
        )
    row = quota or Quota()
    if quota is not None and quota.start_on < first:
        ends = quota.end_on
        _keep_until(quota, first)
        row = Quota(end_on=ends if ends is not None and ends > first else None)
    row.name, row.measure, row.least, row.most = words, measure, least, most
    row.unit, row.rep, row.start_on = unit, rep, first
    row.save()
    record("quota.saved", row, by=by, measure=measure, least=least, most=most)
    return row


def _keep_until(quota: Quota, month: dt.date) -> None:
    """What held in earlier months stays written down."""
    if quota.end_on is None or month < quota.end_on:
        quota.end_on = month
        quota.save(update_fields=["end_on"])


@transaction.atomic
def end_quota(quota: Quota, *, by: User, month: dt.date) -> None:
    """It holds no longer from ``month`` on; one that would never have held is removed."""
    require(by, "quotas.edit")
    _require_scope(by, quota.unit, quota.rep)
    first = month.replace(day=1)
    record("quota.ended", quota, by=by, measure=quota.measure, month=first.isoformat())
    if first <= quota.start_on:
        quota.delete()
    else:
        quota.end_on = first
        quota.save(update_fields=["end_on"])


def _require_scope(by: User, unit: Unit | None, rep: User | None) -> None:
    """A manager sets the quotas of his own people; those of everybody are for executive and administrator."""
    if by.role != Role.MANAGER:
        return
    units = subtree_ids(by.unit)
    fits = rep.unit_id in units if rep is not None else unit is not None and unit.pk in units
    if not fits:
        raise PermissionDenied(_("This quota is for people outside your team."))


def people_with_quotas(user: User) -> list[User]:
    """Whose quotas the person sees: reps of his scope; a manager who has customers sells too."""
    sellers = visible_users(user).filter(is_active=True, role=Role.REP)
    return list(sellers.select_related("unit").order_by("unit__path", "display_name"))


# --- contacts


def _contacts(reps: list[int], span: Span) -> Counted:
    talks = Conversation.objects.filter(
        rep__in=reps, customer__isnull=False, started_at__gte=span[0], started_at__lt=span[1]
    )
    seen = Visit.objects.filter(rep__in=reps, came_at__gte=span[0], came_at__lt=span[1])
    return _sets(
        [*talks.values_list("rep", "customer").distinct(), *seen.values_list("rep", "customer").distinct()]
    )


def _touched_before(touched: Counted, moment: dt.datetime) -> set[int]:
    return _touched(touched, Q(started_at__lt=moment), Q(came_at__lt=moment))


def _touched_since(touched: Counted, start: dt.datetime, end: dt.datetime) -> set[int]:
    return _touched(
        touched, Q(started_at__gte=start, started_at__lt=end), Q(came_at__gte=start, came_at__lt=end)
    )


def _touched(touched: Counted, talked: Q, seen: Q) -> set[int]:
    ids = set().union(*touched.values()) if touched else set()
    talks = (
        Conversation.objects.filter(talked, customer__in=ids).values_list("customer", flat=True).distinct()
    )
    visited = Visit.objects.filter(seen, customer__in=ids).values_list("customer", flat=True).distinct()
    return {pk for pk in (*talks, *visited) if pk is not None}


def _sets(pairs: Iterable[tuple[int, int]]) -> Counted:
    found: Counted = defaultdict(set)
    for rep, each in pairs:
        found[rep].add(each)
    return dict(found)


def _only(touched: Counted, wanted: set[int]) -> Counted:
    return {rep: ids & wanted for rep, ids in touched.items()}


def _without(touched: Counted, unwanted: set[int]) -> Counted:
    return {rep: ids - unwanted for rep, ids in touched.items()}
