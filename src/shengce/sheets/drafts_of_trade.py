"""What orders, money, deals and targets write into papers. Amounts are yuan; every counted line leads to its records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shengce.customers.models import Deal
from shengce.people.models import Role
from shengce.planning.periods import Span
from shengce.sales.models import Invoice, Order, PaymentPromise, Receipt
from shengce.sheets.drafted import Drafted, of_fact, own, span_of
from shengce.sheets.models import Paper
from shengce.sheets.periods import previous
from shengce.targets.models import Metric, TargetVersion
from shengce.targets.queries import approved_version, planned

MOST = 60
FORECAST_MONTHS = 3
_CLOSED = (Deal.Stage.WON, Deal.Stage.LOST)


def money(amount: object) -> str:
    """Yuan in words of figures: without empty cents."""
    value = Decimal(str(amount or 0))
    whole = value == value.to_integral_value()
    return f"¥{value:,.0f}" if whole else f"¥{value:,.2f}"


def _orders(paper: Paper, span: Span) -> QuerySet[Order]:
    rows = Order.objects.filter(ordered_on__gte=span.start_on, ordered_on__lt=span.end_on).exclude(
        state__in=(Order.State.CANCELLED, Order.State.STOPPED)
    )
    return own(paper, rows, "rep")


def _receipts(paper: Paper, span: Span) -> QuerySet[Receipt]:
    rows = Receipt.objects.filter(
        received_on__gte=span.start_on, received_on__lt=span.end_on, reversed_at__isnull=True
    )
    return own(paper, rows, "rep")


def orders(paper: Paper) -> Iterator[Drafted]:
    for row in _orders(paper, span_of(paper)).select_related("customer").order_by("ordered_on", "pk")[:MOST]:
        words = {"customer": row.customer, "amount": money(row.total), "number": row.number}
        text = _("Order of %(customer)s: %(amount)s (%(number)s)") % words
        yield Drafted(f"order:{row.pk}", text=text, link=reverse("sales:order", args=[row.pk]))


def receipts(paper: Paper) -> Iterator[Drafted]:
    for row in (
        _receipts(paper, span_of(paper)).select_related("customer").order_by("received_on", "pk")[:MOST]
    ):
        words = {"customer": row.customer or row.payer, "amount": money(row.amount)}
        text = _("Received from %(customer)s: %(amount)s") % words
        yield Drafted(f"receipt:{row.pk}", text=text, link=reverse("sales:receipt", args=[row.pk]))


def promises_due(paper: Paper) -> Iterator[Drafted]:
    """Open promises to pay that fall due in the period; each plays."""
    span = span_of(paper)
    rows = PaymentPromise.objects.filter(
        state__in=(PaymentPromise.State.OPEN, PaymentPromise.State.PARTLY),
        due_on__gte=span.start_on,
        due_on__lt=span.end_on,
    )
    found = own(paper, rows, "rep").select_related("customer", "fact__conversation").order_by("due_on", "pk")
    for row in found[:MOST]:
        words = {"day": f"{row.due_on:%m-%d}", "customer": row.customer or "", "amount": money(row.amount)}
        text = _("%(day)s %(customer)s promised %(amount)s") % words
        key = f"promise:{row.pk}"
        link = reverse("web:customer", args=[row.customer_id]) if row.customer_id else ""
        yield of_fact(row.fact, key=key, text=text) if row.fact else Drafted(key, text=text, link=link)


def overdue(paper: Paper) -> Iterator[Drafted]:
    """Customers that owe since before the period, the largest sums first."""
    rows = own(paper, Invoice.objects.filter(open_amount__gt=0, due_on__lt=paper.start_on), "rep")
    sums = (
        rows.order_by()
        .values("customer", "customer__name")
        .annotate(open=Sum("open_amount"))
        .order_by("-open")
    )
    for row in sums[:MOST]:
        words = {"customer": row["customer__name"], "amount": money(row["open"])}
        yield Drafted(
            f"owes:{row['customer']}",
            text=_("%(customer)s owes %(amount)s that is overdue") % words,
            link=reverse("sales:credit", args=[row["customer"]]),
        )


def _open_deals(paper: Paper) -> QuerySet[Deal]:
    rows = own(paper, Deal.objects.exclude(stage__in=_CLOSED), "owner")
    return rows.select_related("customer").order_by("expected_on", "-amount", "pk")


def deals(paper: Paper) -> Iterator[Drafted]:
    """Rows of the deals that are expected in the period."""
    rows = _open_deals(paper).filter(expected_on__gte=paper.start_on, expected_on__lt=paper.end_on)
    for row in rows[:MOST]:
        yield Drafted(
            f"deal:{row.pk}", values=_deal_cells(row), link=reverse("customers:deal", args=[row.pk])
        )


def deals_to_close(paper: Paper) -> Iterator[Drafted]:
    """Rows of the deals that are expected within three months, with how sure their stage makes them."""
    last = _months_later(paper.start_on, FORECAST_MONTHS)
    rows = _open_deals(paper).filter(expected_on__gte=paper.start_on, expected_on__lt=last)
    for row in rows[:MOST]:
        cells = {
            **_deal_cells(row),
            "stage": str(row.get_stage_display()),
            "sure": str(_SURE.get(row.stage, 10)),
        }
        yield Drafted(f"deal:{row.pk}", values=cells, link=reverse("customers:deal", args=[row.pk]))


_SURE: dict[str, int] = {
    Deal.Stage.LEAD: 10,
    Deal.Stage.NEED: 25,
    Deal.Stage.PROPOSAL: 50,
    Deal.Stage.NEGOTIATION: 75,
}
"""Per cent that a writer begins with; he knows better and says so."""


def _deal_cells(row: Deal) -> dict[str, str]:
    return {
        "customer": str(row.customer),
        "product": row.name,
        "amount": f"{row.amount.normalize():f}" if row.amount is not None else "",
        "due": row.expected_on.isoformat() if row.expected_on else "",
        "step": row.next_step,
    }


def figures(paper: Paper) -> Iterator[Drafted]:
    """Orders and money of the period against the one before."""
    span = span_of(paper)
    before = previous(paper.template.period, span)
    for name, rows, column, list_page, words in (
        ("orders", _orders, "total", "sales:orders", _("Orders: %(now)s, before that %(before)s")),
        (
            "receipts",
            _receipts,
            "amount",
            "sales:receipts",
            _("Money received: %(now)s, before that %(before)s"),
        ),
    ):
        now, then = (_sum(rows(paper, each), column) for each in (span, before))
        asked: dict[str, str | int] = {"from": span.start_on.isoformat(), "to": paper.last_on.isoformat()}
        if paper.owner.role == Role.REP:
            asked["rep"] = paper.owner_id
        yield Drafted(
            f"figure:{name}",
            text=words % {"now": money(now), "before": money(then)},
            link=f"{reverse(list_page)}?{urlencode(asked)}",
        )


def _sum(rows: QuerySet[Any], column: str) -> Decimal:
    return rows.order_by().aggregate(sum=Sum(column))["sum"] or Decimal(0)


def targets(paper: Paper) -> Iterator[Drafted]:
    """Rows of the targets of the month, beside what the month before brought."""
    for metric, planned_yuan in _planned(paper):
        before = previous(paper.template.period, span_of(paper))
        values = {
            "metric": str(metric),
            "planned": planned_yuan,
            "last": _reached(paper, metric, before),
            "how": "",
        }
        yield Drafted(f"target:{metric.code}", values=values)


def targets_reached(paper: Paper) -> Iterator[Drafted]:
    """Rows of the targets of the month, beside what it brought."""
    for metric, planned_yuan in _planned(paper):
        reached = _reached(paper, metric, span_of(paper))
        values = {"metric": str(metric), "planned": planned_yuan, "reached": reached, "why": ""}
        yield Drafted(f"target:{metric.code}", values=values)


def _planned(paper: Paper) -> Iterator[tuple[Metric, str]]:
    version = approved_version(paper.start_on)
    if version is None:
        return
    for metric in Metric.objects.filter(active=True).exclude(kind=Metric.Kind.QUALITATIVE):
        sums = _months(paper, version, metric)
        month = sums[version.month_index(paper.start_on)] if sums else 0
        if month:
            yield metric, f"{(Decimal(month) / metric.minor).normalize():f}"


def _months(paper: Paper, version: TargetVersion, metric: Metric) -> tuple[int, ...]:
    where = {"rep": paper.owner_id} if paper.owner.role == Role.REP else {}
    return planned(version, metric.code, by=(), user=paper.owner, where=where).get((), ())


def _reached(paper: Paper, metric: Metric, span: Span) -> str:
    """What came of it, where this room can count it; else empty for the writer."""
    if metric.code == "sales":
        return f"{_sum(_orders(paper, span), 'total').normalize():f}"
    if metric.code == "collections":
        return f"{_sum(_receipts(paper, span), 'amount').normalize():f}"
    return ""


def _months_later(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)
