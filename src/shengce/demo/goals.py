"""This year's targets of the demonstration company: set by the director, agreed upon with the reps, adjusted once.

The fiscal year began five months ago, so that there is a year before it to split by, and months in it to compare with.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from shengce.customers.models import Deal
from shengce.demo.script import Say
from shengce.facts.models import Fact
from shengce.people.models import User
from shengce.sales.models import Invoice, Order, OrderLine
from shengce.targets import negotiations
from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.metrics import built_in, save_metric
from shengce.targets.models import Metric, TargetVersion
from shengce.targets.qualitative import add_qualitative
from shengce.targets.splitting import split_cell
from shengce.targets.versions import (
    approve_version,
    create_target_set,
    open_for_negotiation,
    start_adjustment,
)

MONTHS_BACK = 5
GROWTH = 1.15
WHOLE = Cell()
TEN_THOUSAND = 10_000_00  # yuan in cents


def set_targets(people: dict[str, User], *, say: Say) -> TargetVersion:
    """Set, split, negotiated, approved, and a second version under way. All or nothing."""
    director = people["director"]
    with transaction.atomic():
        start = _fiscal_start(timezone.localdate())
        version = create_target_set(by=director, name=f"{start.year} 财年销售目标", start_on=start)
        _fill(version, director)
        open_for_negotiation(version, by=director)
        _lin_agrees(version, people)
        version = approve_version(version, by=director)
        second = start_adjustment(version, by=director, note="华北新开客户，第四季度上调")
        open_for_negotiation(second, by=director)
        _he_asks_for_less(second, people)
    say("Targets of the fiscal year are set, split to every rep's day, and one is under negotiation.")
    return version


def _fiscal_start(today: dt.date) -> dt.date:
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    return dt.date(months // 12, months % 12 + 1, 1)


def _fill(version: TargetVersion, director: User) -> None:
    sold = OrderLine.objects.filter(order__state=Order.State.CONFIRMED).aggregate(sum=Sum("amount"))["sum"]
    sales = max(1, round(float(sold or 0) * GROWTH / 10_000)) * TEN_THOUSAND
    for code, total, bases in (
        ("sales", sales, ("equal", "history")),
        ("collections", sales * 95 // 100, ("equal", "history")),
        ("gross_profit", sales * 32 // 100, ("equal", "history")),
        ("customers", 24, ("equal", "equal")),
        ("visits", 3_600, ("equal", "equal")),
    ):
        metric = built_in(code)
        step = 100 if metric.kind == Metric.Kind.AMOUNT else 1
        type_figure(version, metric, WHOLE, by=director, total=total)
        split_cell(
            version, metric, WHOLE, by=director, split="rep", basis=bases[1], step=step, negative_as_zero=True
        )
        if code in ("sales", "gross_profit"):
            split_cell(
                version,
                metric,
                WHOLE,
                by=director,
                split="product_line",
                basis="history",
                step=step,
                negative_as_zero=True,
            )
        split_cell(version, metric, WHOLE, by=director, split="month", basis=bases[0], step=step)
    words = save_metric(by=director, code="market", name="市场建设", kind=Metric.Kind.QUALITATIVE)
    for username, text in (
        ("rep_lin", "在滨江建立两家示范客户，允许带人参观"),
        ("rep_he", "把苏州园区的三家二批纳入价格管理"),
    ):
        rep = User.objects.get(username=username)
        add_qualitative(version, by=director, metric=words, rep=rep, text=text)


def _lin_agrees(version: TargetVersion, people: dict[str, User]) -> None:
    """He proposes less and shows why, his manager meets him halfway, both sign."""
    lin, fang = people["rep_lin"], people["manager_fang"]
    talk = negotiations.begin_figure(version, built_in("sales"), by=lin)
    less, between = (
        talk.planned * 90 // 100 // TEN_THOUSAND * TEN_THOUSAND,
        talk.planned * 96 // 100 // TEN_THOUSAND * TEN_THOUSAND,
    )
    negotiations.propose_figure(
        version,
        talk.metric,
        by=lin,
        figure=less,
        reason="霖沃报价压得低，客户的原话在这里，几单要让价才能签。",
        evidence=_proofs(lin),
    )
    talk = negotiations.answer_figure(
        talk,
        by=fang,
        figure=between,
        reason="价格压力我认，但台数不该减，让一半。",
        evidence=_deals(lin),
    )
    negotiations.sign_figure(talk, by=lin, figure=between)
    negotiations.sign_figure(talk, by=fang, figure=between)


def _he_asks_for_less(version: TargetVersion, people: dict[str, User]) -> None:
    he = people["rep_he"]
    talk = negotiations.begin_figure(version, built_in("sales"), by=he)
    negotiations.propose_figure(
        version,
        talk.metric,
        by=he,
        figure=talk.planned * 92 // 100 // TEN_THOUSAND * TEN_THOUSAND,
        reason="有客户欠款未清，先回款再供货，第四季度发货会少。",
        evidence=[*_proofs(he), *_invoices(he)],
    )


def _proofs(rep: User) -> list[negotiations.Evidence]:
    said = Fact.objects.filter(
        conversation__rep=rep, kind__in=("budget", "objection", "payment_promise", "competitor")
    )
    return [("fact", fact.pk) for fact in said.order_by("pk")[:2]]


def _deals(rep: User) -> list[negotiations.Evidence]:
    return [
        ("deal", deal.pk)
        for deal in Deal.objects.filter(owner=rep, closed_at__isnull=True).order_by("pk")[:1]
    ]


def _invoices(rep: User) -> list[negotiations.Evidence]:
    owed = Invoice.objects.filter(rep=rep, settled_on__isnull=True).order_by("due_on", "pk")
    return [("invoice", invoice.pk) for invoice in owed[:1]]
