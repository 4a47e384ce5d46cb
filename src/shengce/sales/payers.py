"""Whose money may this be? Customers who are likely to have paid a receipt that nobody claimed, each with the reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.sales.models import Invoice, Receipt

SHOWN = 8
MOST_PIECES = 20
COMMON = frozenset(
    [
        "有限",
        "公司",
        "限公",
        "管理",
        "理部",
        "科技",
        "贸易",
        "商贸",
        "集团",
        "股份",
        "实业",
        "餐饮",
        "酒店",
        "个人",
        "汇款",
        "人汇",
        "财务",
        "务部",
        "分公",
        "中心",
    ]
)
"""Pieces of names that say nothing about who it is."""
WEIGHTS = {"payer": 5, "sum": 3}
"""Points of a reason; a piece of the name has one."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A customer and why it may be his; the likeliest come first."""

    customer: Customer
    reasons: tuple[str, ...]


def likely_payers(user: User, receipt: Receipt) -> list[Likely]:
    """Who paid under this name before, who owes exactly this sum, whose name shares pieces with the payer's. Four queries."""
    points: dict[int, int] = defaultdict(int)
    reasons: dict[int, list[str]] = defaultdict(list)

    def believe(customer: int, why: str, weight: int) -> None:
        points[customer] += weight
        reasons[customer].append(why)

    if receipt.payer:
        before = Receipt.objects.visible_to(user).filter(payer=receipt.payer, customer__isnull=False)
        for customer in before.order_by().values_list("customer", flat=True).distinct()[:SHOWN]:
            believe(customer, _("paid under this name before"), WEIGHTS["payer"])
    owed = Invoice.objects.visible_to(user).filter(
        settled_on__isnull=True, open_amount=receipt.amount, currency=receipt.currency
    )
    for customer in owed.order_by().values_list("customer", flat=True).distinct()[:SHOWN]:
        believe(customer, _("owes exactly this sum"), WEIGHTS["sum"])
    for customer, shared in _named_alike(user, receipt.payer):
        believe(customer, _("name: %(pieces)s") % {"pieces": "、".join(shared)}, len(shared))
    seen = Customer.objects.visible_to(user).select_related("owner")
    best = sorted(points, key=lambda key: (-points[key], key))[:SHOWN]
    found = seen.in_bulk(best)
    return [Likely(found[key], tuple(reasons[key])) for key in best if key in found]


def _named_alike(user: User, payer: str) -> list[tuple[int, list[str]]]:
    pieces = pieces_of(payer)
    if not pieces:
        return []
    alike = Q()
    for piece in pieces:
        alike |= Q(name__icontains=piece)
    rows = Customer.objects.visible_to(user).filter(alike).values_list("pk", "name")[:200]
    return [(pk, [piece for piece in pieces if piece in name.lower()]) for pk, name in rows]


def pieces_of(payer: str) -> list[str]:
    """Two signs that follow each other, without what every second firm is called. ``绍兴同福餐饮`` → 绍兴 兴同 同福 福餐."""
    text = "".join(payer.lower().split())
    pairs = (text[place : place + 2] for place in range(len(text) - 1))
    return [pair for pair in dict.fromkeys(pairs) if pair.isalpha() and pair not in COMMON][:MOST_PIECES]
