"""How every customer buys, worked out from confirmed orders in one pass. Reads only; :mod:`loyalty` writes it down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from shengce.planning import repeat_purchase as model
from shengce.planning import rfm
from shengce.planning.repeat_purchase import NoFit
from shengce.planning.rfm import ActivityRules
from shengce.sales.models import CustomerStanding, Order
from shengce.sales.reasons_heard import reasons_of
from shengce.sales.sums import HOME_CURRENCY

RULES = ActivityRules()
CUTS = rfm.CUTS
AHEAD_DAYS = 90
YEAR_DAYS = 365
WEEK = 7.0
MOST_YUAN = 1e11
QUIET = (CustomerStanding.Activity.DORMANT, CustomerStanding.Activity.LOST)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Assessment:
    """All customers who ever bought, as rows that are not stored yet, and the forecast that they were made with."""

    standings: list[CustomerStanding]
    purchases: int
    forecast: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What to expect of each customer in the next 90 days; amounts in cents. ``None``: no model fits."""

    alive: Floats | None
    orders: Floats | None
    cents: Floats | None
    told: dict[str, Any]


def assess(*, today: dt.date, rules: ActivityRules = RULES, with_reasons: bool = True) -> Assessment:
    """Scores, class, activity, forecast and, for the quiet ones, the reasons heard, as of the end of ``today``."""
    orders = Order.objects.filter(
        state=Order.State.CONFIRMED, currency=HOME_CURRENCY, ordered_on__lte=today
    ).values_list("customer_id", "ordered_on", "total")
    purchases = rfm.purchases_of(orders.iterator(chunk_size=20_000))
    summary = rfm.summarise(purchases)
    if not len(summary.customers):
        return Assessment([], 0, {"reason": "no_purchases"})
    outlook = _outlook(purchases, summary, today)
    standings = _rows(purchases, summary, outlook, today, rules)
    if with_reasons:
        quiet = [row for row in standings if row.activity in QUIET]
        heard = reasons_of({row.customer_id: row.last_on for row in quiet}, until=today)
        for row in quiet:
            row.reasons = heard.get(row.customer_id, [])
    return Assessment(standings, int(summary.days.sum()), outlook.told)


def _rows(
    purchases: rfm.Purchases, summary: rfm.Summary, outlook: _Outlook, today: dt.date, rules: ActivityRules
) -> list[CustomerStanding]:
    tomorrow = today + dt.timedelta(days=1)
    counts, cents = rfm.between(
        purchases, summary.customers, tomorrow - dt.timedelta(days=YEAR_DAYS), tomorrow
    )
    activity = rfm.activity(summary, today, rules)
    again = summary.days > 1
    usual = (
        summary.value * (summary.days - 1) * AHEAD_DAYS / np.maximum(summary.last - summary.first, AHEAD_DAYS)
    )
    expected = outlook.cents if outlook.cents is not None else np.zeros(len(usual))
    quiet = np.isin(activity, QUIET)
    stake = np.maximum(
        0.0, np.rint(usual) - np.rint(expected)
    )  # of the printed sums, so that it can be checked
    return [
        CustomerStanding(
            customer_id=customer, computed_on=today, first_on=dt.date.fromordinal(first),
            last_on=dt.date.fromordinal(last), orders=days, amount=Decimal(yuan).scaleb(-2),
            interval_days=gap if more else None, recency_score=r, frequency_score=f, amount_score=m,
            value_class=value_class, activity=act, alive=alive if more else None, expected_orders=order,
            expected_amount=_yuan(money), usual_amount=_yuan(used) if more else None,
            at_stake=_yuan(lose) if more and silent else None,
        )
        for customer, first, last, days, yuan, gap, more, r, f, m, value_class, act, alive, order, money, used,
            lose, silent in zip(
            summary.customers.tolist(), summary.first.tolist(), summary.last.tolist(), summary.days.tolist(),
            cents.tolist(), summary.gap.tolist(), again.tolist(), rfm.quintiles(summary.last).tolist(),
            rfm.quintiles(counts).tolist(), rfm.quintiles(cents).tolist(), rfm.classes(cents, CUTS).tolist(),
            activity.tolist(), _listed(outlook.alive, usual), _listed(outlook.orders, usual),
            _listed(outlook.cents, usual), usual.tolist(), stake.tolist(), quiet.tolist(), strict=True,
        )
    ]  # fmt: skip


def _listed(values: Floats | None, like: Floats) -> list[float | None]:
    return [None] * len(like) if values is None else values.tolist()


def _yuan(cents: float | None) -> Decimal | None:
    return None if cents is None else Decimal(round(min(cents, MOST_YUAN * 100))).scaleb(-2)


def _known(summary: rfm.Summary, today: dt.date) -> tuple[Any, Floats, Floats]:
    """Frequency, recency and age in weeks."""
    last = (summary.last - summary.first) / WEEK
    return summary.days - 1, last, (today.toordinal() - summary.first) / WEEK


def _outlook(purchases: rfm.Purchases, summary: rfm.Summary, today: dt.date) -> _Outlook:
    known = _known(summary, today)
    try:
        fitted = model.fit(*known)
    except NoFit as problem:
        told = {"reason": problem.code, "found": problem.found, "least": problem.least}
        return _Outlook(None, None, None, told)
    orders = model.expected_purchases(fitted, AHEAD_DAYS / WEEK, *known)
    value, spending = _values(summary)
    told = {
        "unit": "weeks",
        "days_ahead": AHEAD_DAYS,
        "purchasing": {
            "r": fitted.r, "alpha": fitted.alpha, "a": fitted.a, "b": fitted.b, "edges": list(fitted.edges),
            "log_likelihood": fitted.log_likelihood, "customers": fitted.customers, "repeaters": fitted.repeaters,
        },
        "spending": spending,
        "check": _check(purchases, today),
    }  # fmt: skip
    return _Outlook(model.probability_alive(fitted, *known), orders, orders * value, told)


def _values(summary: rfm.Summary) -> tuple[Floats, dict[str, Any]]:
    """Cents of a purchase to come, and the model behind it; his own mean where gamma-gamma does not fit."""
    again, mean = summary.days - 1, summary.repeat_value
    try:
        fitted = model.fit_values(again, mean)
    except NoFit as problem:
        return summary.value, {"reason": problem.code, "found": problem.found, "least": problem.least}
    some = again > 0
    spread = np.std(again[some]) * np.std(mean[some])
    related = float(np.corrcoef(again[some], mean[some])[0, 1]) if spread > 0 else 0.0
    told = {
        "p": fitted.p, "q": fitted.q, "v": fitted.v / 100, "mean": fitted.mean / 100, "edges": list(fitted.edges),
        "log_likelihood": fitted.log_likelihood, "customers": fitted.customers, "correlation": related,
    }  # fmt: skip
    return model.expected_value(fitted, again, mean), told


def _check(purchases: rfm.Purchases, today: dt.date) -> dict[str, Any] | None:
    """The model fitted to what was known 90 days ago, against what came since. ``None``: too little was known then."""
    then = today - dt.timedelta(days=AHEAD_DAYS)
    before = rfm.summarise(purchases.until(then))
    known = _known(before, then)
    try:
        fitted = model.fit(*known)
    except NoFit:
        return None
    expected = model.expected_purchases(fitted, AHEAD_DAYS / WEEK, *known)
    day = dt.timedelta(days=1)
    came, _cents = rfm.between(purchases, before.customers, then + day, today + day)
    return {
        "from": (then + day).isoformat(),
        "to": today.isoformat(),
        "customers": len(came),
        "expected": round(float(expected.sum()), 1),
        "came": int(came.sum()),
        "mean_error": round(float(np.abs(expected - came).mean()), 3),
    }
