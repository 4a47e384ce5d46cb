"""Plan against actual at a glance, as the cockpit and my day show it: numbers, a small picture, and where to press."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.attainment import words as said
from shengce.attainment.tiles import MAIN, Standing, Tile, Tiles, tiles_of
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.planning.working_time import Calendar
from shengce.targets.models import Metric
from shengce.web.charts import Series, bar_chart


@dataclass(frozen=True, slots=True)
class Shown:
    """One period of a tile. ``tone`` is that of its pace; ``talks`` is empty where nothing is missing, or nobody may hear it."""

    name: str
    its: Standing
    tone: str
    page: str
    talks: str


@dataclass(frozen=True, slots=True)
class ShownTile:
    metric: Metric
    unit: str
    month: Shown
    year: Shown
    chart: str

    @property
    def periods(self) -> tuple[Shown, Shown]:
        return self.month, self.year


def tiles_shown(user: User, *, today: dt.date) -> tuple[Tiles, list[ShownTile]] | None:
    """The main metrics of a leader's cockpit; nothing for who does not see targets."""
    if not may(user, "targets.see"):
        return None
    found = tiles_of(user, today=today, codes=MAIN)
    return found, [_shown(tile, user) for tile in found.tiles]


def line_shown(user: User, *, today: dt.date, calendar: Calendar) -> tuple[Tiles, list[ShownTile]] | None:
    """A rep's own month, without forecasts and pictures."""
    if not may(user, "targets.see"):
        return None
    found = tiles_of(user, today=today, codes=MAIN, foresee=False, calendar=calendar)
    return found, [_shown(tile, user, chart=False) for tile in found.tiles]


def _shown(tile: Tile, user: User, *, chart: bool = True) -> ShownTile:
    hears = may(user, "customers.see")
    month, year = (
        _period(tile, period, name, standing, hears)
        for period, name, standing in (
            ("month", _("This month"), tile.month),
            ("year", _("This year"), tile.year),
        )
    )
    return ShownTile(tile.metric, said.unit_of(tile.metric), month, year, _chart(tile) if chart else "")


def _period(tile: Tile, period: str, name: str, standing: Standing, hears: bool) -> Shown:
    query = "?" + urlencode({"metric": tile.metric.code, "period": period})
    rate = standing.progress.run_rate
    tone = "" if rate is None else "ok" if rate >= 1 else "warn" if rate >= 0.85 else "bad"
    missing = hears and standing.progress.gap > 0
    return Shown(
        name=name,
        its=standing,
        tone=tone,
        page=reverse("attainment:comparison") + query,
        talks=reverse("attainment:talks") + query if missing else "",
    )


def _chart(tile: Tile) -> str:
    scale = said.scale_of(tile.metric, [*tile.plan, *(value for value in tile.reached if value is not None)])
    reached = [None if value is None else scale.shown(value) for value in tile.reached]
    series = [Series(_("Reached"), reached)]
    if any(tile.plan):
        series.insert(0, Series(pgettext("target", "Planned"), [scale.shown(value) for value in tile.plan]))
    title = _("%(metric)s by month, %(unit)s") % {"metric": tile.metric.label, "unit": scale.unit}
    return bar_chart(
        title=title,
        categories=[f"{month:%y-%m}" for month in tile.months],
        series=series,
        width=260,
        height=150,
    )
