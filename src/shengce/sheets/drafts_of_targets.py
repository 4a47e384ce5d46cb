"""What targets and what was reached write into papers: by metric, by product line, by person, and the months ahead.

Plans and results come from plan against actual, so that a paper and that page say the same; every number leads there.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shengce.attainment.outlook import outlook, rates, year_of
from shengce.attainment.queries import actuals, month_shares
from shengce.catalogue.models import ProductLine
from shengce.people.models import User
from shengce.planning.forecast import Range
from shengce.planning.periods import Span
from shengce.planning.reasonableness import DealSeen, pipeline
from shengce.sheets.drafted import Desk, Drafted, is_of_rep, span_of, tied
from shengce.sheets.drafts_of_tasks import last_lines
from shengce.sheets.drafts_of_trade import FORECAST_MONTHS, money, months_later, open_deals
from shengce.sheets.models import Paper, Period
from shengce.sheets.periods import previous
from shengce.targets.models import Metric
from shengce.targets.queries import approved_version, planned
from shengce.targets.sources import BY_METRIC, may_learn
from shengce.targets.trees import rolled_up

Where = tuple[str, ...]
"""Dimensions by which a row stands: nothing, the product line, or the person."""
MOST_ROWS = 40
SALES, MONEY = "sales", "collections"
FORECAST = "rolling_forecast"


@dataclass(frozen=True, slots=True)
class Measured:
    """Minor units of one metric: planned, reached, and what the period before and the same one a year ago brought."""

    planned: int = 0
    reached: int = 0
    last: int = 0
    year: int = 0

    @property
    def rate(self) -> str:
        """Per cent of the plan; empty without one."""
        return f"{self.reached * 100 / self.planned:.1f}" if self.planned else ""

    def __bool__(self) -> bool:
        return any((self.planned, self.reached, self.last, self.year))


def targets(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of what is planned for the period by metric, beside what the one before and the same a year ago brought."""
    for metric in _metrics(desk):
        found = _measured(paper, desk, metric).get((), Measured())
        if found.planned:
            yield _row(paper, metric, f"target:{metric.code}", found, {"metric": str(metric), "how": ""})


def targets_reached(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of what was reached by metric against plan, the period before and the same a year ago."""
    for metric in _metrics(desk):
        found = _measured(paper, desk, metric).get((), Measured())
        is_told = found.planned or (found and metric.code in BY_METRIC)
        if is_told and may_learn(paper.owner, metric.code):
            yield _row(paper, metric, f"target:{metric.code}", found, {"metric": str(metric), "why": ""})


def targets_by_line(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of sales by product line, of the topmost lines."""
    metric = next((each for each in _metrics(desk) if each.code == SALES), None)
    if metric is None:
        return
    lines = desk.once("product lines", lambda: {line.pk: line for line in ProductLine.objects.all()})
    found = _measured(paper, desk, metric, ("product_line",))
    sums = rolled_up(
        {key[0]: (one.planned, one.reached, one.last, one.year) for key, one in found.items()},
        {pk: line.path for pk, line in lines.items()},
    )
    for pk in sorted(_topmost(lines, sums), key=lambda each: -max(sums[each]))[:MOST_ROWS]:
        values = {"line": str(lines[pk]), "how": "", "why": ""}
        yield _row(paper, metric, f"line:{pk}", Measured(*sums[pk]), values, product_line=pk)


def _topmost(lines: dict[int, ProductLine], sums: dict[int | None, tuple[int, ...]]) -> list[int]:
    """The roots that have a number; below a single root its children, if they have any."""
    roots = [pk for pk, line in lines.items() if line.parent_id is None and any(sums.get(pk, ()))]
    if len(roots) == 1:
        below = [pk for pk, line in lines.items() if line.parent_id == roots[0] and any(sums.get(pk, ()))]
        return below or roots
    return roots


def targets_by_person(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of sales by person, for a paper of somebody who leads; the furthest behind first."""
    metric = next((each for each in _metrics(desk) if each.code == SALES), None)
    if is_of_rep(paper) or metric is None:
        return
    found = {key[0]: one for key, one in _measured(paper, desk, metric, ("rep",)).items() if key[0] and one}
    people = User.objects.in_bulk(list(found))
    for pk, one in sorted(found.items(), key=lambda item: (float(item[1].rate or 0), item[0]))[:MOST_ROWS]:
        if pk in people:
            values = {"person": str(people[pk]), "how": "", "why": ""}
            row = _row(paper, metric, f"person:{pk}", one, values, rep=pk)
            row.ties["person"] = pk
            yield row


def month_so_far(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A line each for sales and money: what the month has brought until the end of the period, against its target."""
    month = Span(paper.last_on.replace(day=1), months_later(paper.last_on.replace(day=1), 1))
    so_far = Span(month.start_on, paper.end_on)
    for metric in _metrics(desk):
        if metric.code not in (SALES, MONEY):
            continue
        plan = _planned(paper, desk, metric, month, ()).get((), 0)
        done = _reached(paper, desk, metric, so_far, ()).get((), 0)
        if not plan:
            continue
        words = {
            "metric": metric,
            "done": money(round(Decimal(done) / 100)),
            "plan": money(round(Decimal(plan) / 100)),
            "rate": f"{done * 100 / plan:.0f}%",
        }
        yield Drafted(
            f"month:{metric.code}",
            text=_("%(metric)s of the month so far: %(done)s of %(plan)s (%(rate)s)") % words,
            link=_address(paper, metric, month.start_on, Period.MONTH, {}),
        )


# --- the months ahead


def forecast(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of this month and the next two: target, what history lets expect, what open deals add up to, what he says himself."""
    metric = next((each for each in _metrics(desk) if each.code == SALES), None)
    if metric is None:
        return
    shares = desk.once("rates", rates)
    for number in range(FORECAST_MONTHS):
        first = months_later(paper.start_on, number)
        month = Span(first, months_later(first, 1))
        plan = _planned(paper, desk, metric, month, ()).get((), 0)
        expected = _expected(paper, desk, plan, month)
        deals = _weighted(paper, desk, month, shares)
        if not (plan or deals or (expected and expected.mean)):
            continue
        mean = expected.mean if expected else None
        mine = mean if mean is not None else deals
        values = {
            "month": f"{first:%Y-%m}",
            "planned": _plain(plan, metric) if plan else "",
            "expected": _whole(mean),
            "low": _whole(expected.low if expected else None),
            "high": _whole(expected.high if expected else None),
            "deals": _whole(deals),
            "mine": _whole(mine),
            "why": "",
        }
        address = _address(paper, metric, first, Period.MONTH, {})
        yield Drafted(f"month:{first:%Y-%m}", values=values, link=address, ties=tied(expected=address))


def _expected(paper: Paper, desk: Desk, plan: int, month: Span) -> Range | None:
    """What history lets expect of a month, as it was known when the paper fell due: later months do not make it wiser."""
    user, where = (None, {"rep": paper.owner_id}) if is_of_rep(paper) else (paper.owner, {})
    today, due = timezone.localdate(), timezone.localdate(paper.due_at)
    known_on = min(max(today, paper.start_on), max(due, paper.start_on))
    ahead = outlook(
        SALES, target=plan, span=month, user=user, where=where, today=known_on, with_deals=False,
        calendar=desk.calendar,
    )  # fmt: skip
    return ahead.expected if known_on == today else ahead.usual


def _weighted(paper: Paper, desk: Desk, month: Span, shares: Any) -> float:
    """What the open deals of a month bring by the shares won of the firm; cents."""
    rows = [row for row in open_deals(paper, desk, FORECAST_MONTHS) if row.expected_on in month]
    today = timezone.localdate()
    seen = [
        DealSeen(row.stage, (today - timezone.localdate(row.made_at)).days, float(row.amount or 0) * 100)
        for row in rows
    ]
    found = pipeline(seen, shares)
    return found.total.mean if found is not None else 0.0


def _whole(cents: float | None) -> str:
    return "" if cents is None else f"{round(cents / 100)}"


def forecast_before(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A line on how well the last forecast met the month that is over: what he had said, what came of it."""
    before = previous(paper.template.period, span_of(paper))
    metric = next((each for each in _metrics(desk) if each.code == SALES), None)
    lines = last_lines(paper, desk, before, {FORECAST: "months"})
    row = next((each for each in lines if each.key == f"month:{before.start_on:%Y-%m}"), None)
    said = str(row.values.get("mine") or "") if row is not None else ""
    if metric is None or row is None or not said:
        return
    came = _reached(paper, desk, metric, before, ()).get((), 0)
    off = abs(came - int(Decimal(said) * 100)) * 100 / came if came else None
    words = {"month": f"{before.start_on:%Y-%m}", "said": money(said), "came": money(Decimal(came) / 100)}
    text = _("%(month)s: forecast %(said)s, came %(came)s") % words
    if off is not None:
        text += _(", %(off)s off") % {"off": f"{off:.0f}%"}
    yield Drafted("forecast:before", text=text, link=reverse("sheets:report", args=[row.paper_id]))


# --- plan and result


def _metrics(desk: Desk) -> Sequence[Metric]:
    rows = Metric.objects.filter(active=True).exclude(kind=Metric.Kind.QUALITATIVE)
    found: Sequence[Metric] = desk.once("metrics", lambda: list(rows))
    return found


def _measured(paper: Paper, desk: Desk, metric: Metric, by: Where = ()) -> dict[tuple[Any, ...], Measured]:
    span = span_of(paper)
    before = previous(paper.template.period, span)
    columns = (
        _planned(paper, desk, metric, span, by),
        _reached(paper, desk, metric, span, by),
        _reached(paper, desk, metric, before, by),
        _reached(paper, desk, metric, _year_before(span, paper.template.period), by),
    )
    keys = {key for column in columns for key in column}
    return {key: Measured(*(column.get(key, 0) for column in columns)) for key in keys}


def _year_before(span: Span, period: str) -> Span:
    """The same months a year ago; of days and weeks the same weekdays."""
    if period in (Period.DAY, Period.WEEK):
        return Span(span.start_on - dt.timedelta(days=364), span.end_on - dt.timedelta(days=364))
    return Span(months_later(span.start_on, -12), months_later(span.end_on, -12))


def _planned(paper: Paper, desk: Desk, metric: Metric, span: Span, by: Where) -> dict[tuple[Any, ...], int]:
    """What the targets in force plan for ``span``, by key; of a part of a month by its working days."""
    version = desk.once(("version", span.start_on), lambda: approved_version(span.start_on))
    if version is None:
        return {}
    year = year_of(version, span.start_on)
    shares = desk.once(("shares", year, span), lambda: month_shares(year, span, desk.calendar))

    def ask(user: User | None, where: dict[str, Any], columns: Where) -> dict[tuple[Any, ...], int]:
        months = planned(version, metric.code, by=columns, user=user, where=where)
        return {
            key: round(sum(a * share for a, share in zip(row, shares, strict=True)))
            for key, row in months.items()
        }

    return _of_paper(paper, desk, ("planned", version.pk, metric.code, span, by), by, ask)


def _reached(paper: Paper, desk: Desk, metric: Metric, span: Span, by: Where) -> dict[tuple[Any, ...], int]:
    if not _counts(metric, paper):
        return {}

    def ask(user: User | None, where: dict[str, Any], columns: Where) -> dict[tuple[Any, ...], int]:
        return actuals(metric.code, by=columns, span=span, user=user, where=where)

    return _of_paper(paper, desk, ("reached", metric.code, span, by), by, ask)


def _counts(metric: Metric, paper: Paper) -> bool:
    """Whether the writer may know what was reached: profit tells what goods cost."""
    return metric.code in BY_METRIC and may_learn(paper.owner, metric.code)


def _of_paper(
    paper: Paper, desk: Desk, name: tuple[Any, ...], by: Where, ask: Any
) -> dict[tuple[Any, ...], int]:
    """The sums of the paper: of reps for all of the batch at once, of those who lead for each."""
    if not is_of_rep(paper):
        seen = desk.once((*name, paper.owner_id), lambda: ask(paper.owner, {}, by))
        return dict(seen)

    def of_reps() -> dict[int, dict[tuple[Any, ...], int]]:
        mine: dict[int, dict[tuple[Any, ...], int]] = defaultdict(dict)
        for (rep, *key), amount in ask(None, {"rep": list(desk.reps)}, ("rep", *by)).items():
            mine[rep][tuple(key)] = amount
        return mine

    return dict(desk.once(name, of_reps).get(paper.owner_id, {}))


# --- rows


def _row(
    paper: Paper, metric: Metric, key: str, found: Measured, words: dict[str, str], **cell: int
) -> Drafted:
    span, period, known = span_of(paper), paper.template.period, _counts(metric, paper)
    values = {
        "planned": _plain(found.planned, metric) if found.planned else "",
        "reached": _plain(found.reached, metric) if known else "",
        "rate": found.rate if known else "",
        "last": _plain(found.last, metric) if known else "",
        "year": _plain(found.year, metric) if found.year else "",
    }
    address = _address(paper, metric, span.start_on, period, cell)
    before = previous(period, span).start_on
    ties = tied(
        planned=address,
        reached=_address(paper, metric, span.start_on, period, cell, "records") if known else None,
        last=_address(paper, metric, before, period, cell, "records") if known else None,
        year=_address(paper, metric, _year_before(span, period).start_on, period, cell)
        if found.year
        else None,
    )
    return Drafted(key, values=values | words, link=address, ties=ties)


def _address(
    paper: Paper, metric: Metric, on: dt.date, period: str, cell: Mapping[str, int], page: str = "comparison"
) -> str:
    """The page of plan against actual that shows a number."""
    asked: dict[str, Any] = {"metric": metric.code, "period": period, "on": on.isoformat(), **cell}
    if is_of_rep(paper):
        asked["rep"] = paper.owner_id
    return f"{reverse(f'attainment:{page}')}?{urlencode(asked)}"


def _plain(amount: int, metric: Metric) -> str:
    """Whole yuan, as plan against actual shows them, or ones."""
    return f"{round(Decimal(amount) / metric.minor)}"
