"""Diversion counted by dealer and by product: cases, proven ones, lots, penalties."""

from __future__ import annotations

import datetime as dt

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.channel.queries import cases
from shengce.channel.reach import visible_dealers
from shengce.channel.trade import Tally, tallies
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import FORMATS, table_response
from shengce.web.charts import Series, bar_chart
from shengce.web.queries import day_bounds

PERIODS = (90, 365, 1095)
IN_PICTURE = 8
SHOWN = 50
"""Rows of a table before one asks for all; the files hold all."""


@require_GET
def diversion_statistics(request: SignedInRequest) -> HttpResponseBase:
    """Cases that were opened in a period, in one's scope."""
    require(request.user, "channel.see")
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else 365
    since = timezone.localdate() - dt.timedelta(days=days)
    rows = cases(request.user).filter(opened_at__gte=day_bounds(since)[0])
    by_dealer, by_product = tallies(rows)
    file_format = request.GET.get("as", "")
    if file_format in FORMATS:
        return _file(by_dealer, by_product, file_format)
    most = None if "all" in request.GET else SHOWN
    shown = by_dealer[:most]
    own = set(
        visible_dealers(request.user)
        .filter(pk__in=[one.pk for one in shown if one.pk])
        .values_list("pk", flat=True)
    )
    context = {
        "days": days,
        "periods": PERIODS,
        "tables": (
            (_("By dealer"), "suspect", shown, len(by_dealer)),
            (_("By product"), "product", by_product[:most], len(by_product)),
        ),
        "own": own,
        "total": {
            name: sum(getattr(one, name) for one in by_product) for name in ("cases", "proven", "penalty")
        },
        "chart": _chart(by_dealer),
    }
    return render(request, "web/diversion_statistics.html", context)


def _chart(by_dealer: list[Tally]) -> str:
    shown = by_dealer[:IN_PICTURE]
    return bar_chart(
        title=_("Cases by dealer"),
        categories=[one.name if len(one.name) < 8 else f"{one.name[:7]}…" for one in shown],
        series=[
            Series(_("Cases"), [one.cases for one in shown]),
            Series(_("Proven"), [one.proven for one in shown]),
        ],
        width=960,
        height=230,
    )


def _file(by_dealer: list[Tally], by_product: list[Tally], file_format: str) -> HttpResponseBase:
    columns = [_("By"), _("Name"), _("Cases"), _("Proven"), _("Lots"), _("Penalties, yuan")]
    rows = (
        [by, one.name, one.cases, one.proven, one.lots, one.penalty]
        for by, tally in ((_("Dealer"), by_dealer), (_("Product"), by_product))
        for one in tally
    )
    return table_response(rows, columns, name=f"diversion-{timezone.localdate()}", file_format=file_format)
