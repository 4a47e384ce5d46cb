"""What orders, money and deals write into papers. Amounts are yuan; every counted line leads to its records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.customers.models import Deal
from shengce.planning.periods import Span
from shengce.sales.models import Invoice, Order, PaymentPromise, Receipt
from shengce.sheets.drafted import Desk, Drafted, is_of_rep, moments, of_fact, span_of, tied
from shengce.sheets.models import Paper
from shengce.sheets.periods import previous

MOST = 60
FORECAST_MONTHS = 3
_CLOSED = (Deal.Stage.WON, Deal.Stage.LOST)


def money(amount: object) -> str:
    """Yuan in words of figures: without empty cents."""
    value = Decimal(str(amount or 0))
    whole = value == value.to_integral_value()
    return f"¥{value:,.0f}" if whole else f"¥{value:,.2f}"


def _orders(span: Span) -> QuerySet[Order]:
    rows = Order.objects.filter(ordered_on__gte=span.start_on, ordered_on__lt=span.end_on)
    return rows.exclude(state__in=(Order.State.CANCELLED, Order.State.STOPPED))


def _receipts(span: Span) -> QuerySet[Receipt]:
    return Receipt.objects.filter(
        received_on__gte=span.start_on, received_on__lt=span.end_on, reversed_at__isnull=True
    )


def orders(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    span = span_of(paper)

    def rows() -> QuerySet[Order]:
        return _orders(span).select_related("customer").order_by("ordered_on", "pk")

    for row in desk.own(paper, ("orders", span), rows, "rep", most=MOST):
        words = {"customer": row.customer, "amount": money(row.total), "number": row.number}
        text = _("Order of %(customer)s: %(amount)s (%(number)s)") % words
        yield Drafted(f"order:{row.pk}", text=text, link=reverse("sales:order", args=[row.pk]))


def receipts(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    span = span_of(paper)

    def rows() -> QuerySet[Receipt]:
        return _receipts(span).select_related("customer").order_by("received_on", "pk")

    for row in desk.own(paper, ("receipts", span), rows, "rep", most=MOST):
        words = {"customer": row.customer or row.payer, "amount": money(row.amount)}
        text = _("Received from %(customer)s: %(amount)s") % words
        yield Drafted(f"receipt:{row.pk}", text=text, link=reverse("sales:receipt", args=[row.pk]))


def promises_due(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Open promises to pay that fall due in the period; each plays."""
    span = span_of(paper)
    waiting = (PaymentPromise.State.OPEN, PaymentPromise.State.PARTLY)
    for row in _promises(paper, desk, "due", waiting, span):
        words = {"day": f"{row.due_on:%m-%d}", "customer": row.customer or "", "amount": money(row.amount)}
        yield _promise(row, _("%(day)s %(customer)s promised %(amount)s") % words)


def promises_broken(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Promises of the period that were not kept, or only in part; each plays."""
    broken = (PaymentPromise.State.BROKEN, PaymentPromise.State.PARTLY)
    for row in _promises(paper, desk, "broken", broken, span_of(paper)):
        words = {
            "day": f"{row.due_on:%m-%d}",
            "customer": row.customer or "",
            "amount": money(row.amount),
            "paid": money(row.paid_amount),
        }
        yield _promise(row, _("%(day)s %(customer)s promised %(amount)s, paid %(paid)s") % words)


def _promises(
    paper: Paper, desk: Desk, name: str, states: tuple[str, ...], span: Span
) -> list[PaymentPromise]:
    def rows() -> QuerySet[PaymentPromise]:
        found = PaymentPromise.objects.filter(
            state__in=states, due_on__gte=span.start_on, due_on__lt=span.end_on
        )
        return found.select_related("customer", "fact__conversation").order_by("due_on", "pk")

    return desk.own(paper, ("promises", name, span), rows, "rep", most=MOST)


def _promise(row: PaymentPromise, text: str) -> Drafted:
    key = f"promise:{row.pk}"
    link = reverse("web:customer", args=[row.customer_id]) if row.customer_id else ""
    return of_fact(row.fact, key=key, text=text) if row.fact else Drafted(key, text=text, link=link)


def overdue(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Customers whose debts are overdue when the paper looks: a plan at the beginning of its period, a summary at the end.

    The largest sums first.
    """
    is_plan = paper.template.due.get("from") == "start"
    looks_on = paper.start_on if is_plan else max(paper.start_on, min(paper.end_on, timezone.localdate()))

    def rows() -> QuerySet[Invoice]:
        return Invoice.objects.filter(open_amount__gt=0, due_on__lt=looks_on)

    name, by = ("overdue", looks_on), ("customer", "customer__name")
    sums = desk.sums(paper, name, rows, "rep", "open_amount", by=by)
    for customer, called, owes in sorted(sums, key=lambda row: (-row[-1], row[0]))[:MOST]:
        yield Drafted(
            f"owes:{customer}",
            text=_("%(customer)s owes %(amount)s that is overdue")
            % {"customer": called, "amount": money(owes)},
            link=reverse("sales:credit", args=[customer]),
        )


def open_deals(paper: Paper, desk: Desk, months: int = 0) -> list[Deal]:
    """Open deals that are expected in the period, or in so many months from its beginning."""
    end_on = months_later(paper.start_on, months) if months else paper.end_on

    def rows() -> QuerySet[Deal]:
        found = Deal.objects.exclude(stage__in=_CLOSED).filter(
            expected_on__gte=paper.start_on, expected_on__lt=end_on
        )
        return found.select_related("customer").order_by("expected_on", "-amount", "pk")

    return desk.own(paper, ("deals", Span(paper.start_on, end_on)), rows, "owner", most=MOST)


def deals(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of the deals that are expected in the period."""
    for row in open_deals(paper, desk):
        yield _deal(row, desk, {})


def deals_to_close(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of the deals that are expected within three months, with how sure their stage makes them."""
    for row in open_deals(paper, desk, FORECAST_MONTHS):
        sure = str(_SURE.get(row.stage, 10))
        yield _deal(row, desk, {"stage": str(row.get_stage_display()), "sure": sure})


def deals_next(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Lines of the deals that are expected in the month after the period, the largest first."""
    span = Span(paper.end_on, months_later(paper.end_on, 1))

    def rows() -> QuerySet[Deal]:
        found = Deal.objects.exclude(stage__in=_CLOSED).filter(
            expected_on__gte=span.start_on, expected_on__lt=span.end_on
        )
        return found.select_related("customer").order_by("-amount", "expected_on", "pk")

    for row in desk.own(paper, ("deals next", span), rows, "owner", most=MOST_NEXT):
        words = {"day": f"{row.expected_on:%m-%d}", "customer": row.customer, "deal": row.name}
        text = _("%(day)s close with %(customer)s: %(deal)s") % words
        if row.amount:
            text += f" {money(row.amount)}"
        yield Drafted(f"deal:{row.pk}", text=text, link=reverse("customers:deal", args=[row.pk]))


MOST_NEXT = 10


def deals_closed(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of the deals that were won or lost in the period."""

    def rows() -> QuerySet[Deal]:
        start, end = moments(span_of(paper))
        found = Deal.objects.filter(stage__in=_CLOSED, closed_at__gte=start, closed_at__lt=end)
        return found.select_related("customer").order_by("-stage", "closed_at", "pk")

    for row in desk.own(paper, ("deals closed", span_of(paper)), rows, "owner", most=MOST):
        closed = timezone.localdate(row.closed_at).isoformat()
        cells = {"result": str(row.get_stage_display()), "day": closed, "why": row.lost_reason}
        yield _deal(row, desk, cells)


_SURE: dict[str, int] = {
    Deal.Stage.LEAD: 10,
    Deal.Stage.NEED: 25,
    Deal.Stage.PROPOSAL: 50,
    Deal.Stage.NEGOTIATION: 75,
}
"""Per cent that a writer begins with; he knows better and says so."""


def _deal(row: Deal, desk: Desk, more: dict[str, str]) -> Drafted:
    product = product_in(row.name, desk)
    cells = {
        "customer": str(row.customer),
        "deal": row.name,
        "product": product[1] if product else row.name,
        "amount": f"{row.amount.normalize():f}" if row.amount is not None else "",
        "due": row.expected_on.isoformat() if row.expected_on else "",
        "step": row.next_step,
    }
    return Drafted(
        f"deal:{row.pk}",
        values=cells | more,
        link=reverse("customers:deal", args=[row.pk]),
        ties=tied(customer=row.customer_id, product=product[0] if product else None),
    )


def product_in(text: str, desk: Desk) -> tuple[int, str] | None:
    """The product that a text names, by its own or another name; the longest name decides."""

    def names() -> list[tuple[str, int, str]]:
        rows = Product.objects.filter(active=True).order_by("pk").values_list("pk", "name", "aliases")
        known = [
            (called, pk, name)
            for pk, name, aliases in rows
            for called in (name, *aliases)
            if isinstance(called, str) and len(called) >= LEAST_NAME
        ]
        return sorted(known, key=lambda each: -len(each[0]))

    found = desk.once("products", names) if text else []
    return next(((pk, name) for called, pk, name in found if called in text), None)


LEAST_NAME = 2


def figures(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Orders and money of the period against the one before."""
    span = span_of(paper)
    before = previous(paper.template.period, span)
    rows: Callable[[Span], QuerySet[Any]]
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
        now, then = (
            desk.sums(paper, (name, each), partial(rows, each), "rep", column) for each in (span, before)
        )
        asked: dict[str, str | int] = {"from": span.start_on.isoformat(), "to": paper.last_on.isoformat()}
        if is_of_rep(paper):
            asked["rep"] = paper.owner_id
        yield Drafted(
            f"figure:{name}",
            text=words % {"now": money(_one(now)), "before": money(_one(then))},
            link=f"{reverse(list_page)}?{urlencode(asked)}",
        )


def _one(sums: list[tuple[Decimal | None, ...]]) -> Decimal:
    return (sums[0][0] if sums else None) or Decimal(0)


def months_later(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)
