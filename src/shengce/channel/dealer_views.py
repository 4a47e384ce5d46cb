"""HTTP of dealers: the list, contracts, stock, the cooperation score. The page of one dealer lives in ``web``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.catalogue.models import Product
from shengce.channel import actions, queries
from shengce.channel.answering import as_file, carried_out, number_of, text_of, wanted_file
from shengce.channel.forms import ContractForm, products
from shengce.channel.models import DealerContract, StockReport
from shengce.channel.reach import may_count_stock, visible_dealers
from shengce.channel.trade import last_months, trade_of
from shengce.customers.models import Customer
from shengce.people.asked import day, whole_number
from shengce.people.models import Territory
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


@require_GET
def dealers(request: SignedInRequest) -> HttpResponseBase:
    """Dealers of one's scope: territory, contract, purchases against the agreed sum, score, open cases."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.dealers(
        request.user,
        text=text_of(asked),
        level=asked.get("level", ""),
        territory=whole_number(asked.get("territory")),
        sort=asked.get("sort", ""),
    )
    if file_format := wanted_file(asked):
        return _dealers_file(rows, file_format)
    context = {
        "page": queries.page_of(rows, number_of(asked)),
        "asked": asked,
        "levels": Customer.Level.choices,
        "territories": Territory.objects.order_by("path"),
        "months": reversed(last_months(6)),
        "soon": timezone.localdate() + dt.timedelta(days=queries.EXPIRING_DAYS),
        "may_edit": may(request.user, "channel.edit"),
    }
    return render(request, "channel/dealers.html", context)


def _dealers_file(rows: Any, file_format: str) -> HttpResponseBase:
    columns = [
        _("Dealer"), _("Customer number"), _("Level"), _("City"), _("Territory"), _("Owner"), _("Contract until before"),
        _("Agreed purchases"), _("Bought this year"), _("Cooperation"), _("Open cases"),
    ]  # fmt: skip
    lines = (
        [
            row.name, row.code, row.get_level_display(), row.city, row.territory and row.territory.name,
            row.owner and str(row.owner), row.until, row.target, row.bought, row.score, row.open_cases,
        ]
        for row in rows.iterator(chunk_size=2000)
    )  # fmt: skip
    return as_file("dealers", file_format, columns, lines)


@require_GET
def contracts(request: SignedInRequest) -> HttpResponseBase:
    """Contracts, those that end first on top."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.contracts(
        request.user, state=asked.get("state", ""), text=text_of(asked), sort=asked.get("sort", "")
    )
    if file_format := wanted_file(asked):
        columns = [
            _("Contract number"), _("Dealer"), _("Territory"), _("From"), _("Until before"), _("Agreed purchases"),
            _("Deposit"), _("Terms"),
        ]  # fmt: skip
        lines = (
            [r.number, r.dealer.name, r.territory.name, r.start_on, r.end_on, r.target, r.deposit, r.terms]
            for r in rows.iterator(chunk_size=2000)
        )
        return as_file("contracts", file_format, columns, lines)
    today = timezone.localdate()
    context = {
        "page": queries.page_of(rows, number_of(asked)),
        "asked": asked,
        "today": today,
        "soon": today + dt.timedelta(days=queries.EXPIRING_DAYS),
        "states": (
            ("running", _("Running")), ("expiring", _("Ending within 60 days")), ("coming", _("Not begun")),
            ("ended", _("Ended")),
        ),
        "may_edit": may(request.user, "channel.edit"),
    }  # fmt: skip
    return render(request, "channel/contracts.html", context)


@require_http_methods(["GET", "POST"])
def contract(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Write a contract, or change one."""
    require(request.user, "channel.edit")
    found = (
        get_object_or_404(DealerContract.objects.visible_to(request.user).select_related("dealer"), pk=pk)
        if pk is not None
        else None
    )
    form = ContractForm(request.POST or None, initial=_standing(request, found), user=request.user)
    if request.method == "POST" and (
        saved := carried_out(
            form, lambda: actions.save_contract(by=request.user, contract=found, **form.cleaned_data)
        )
    ):
        messages.success(request, _("The contract is saved."))
        return redirect("web:dealer", pk=saved.dealer_id)
    context = {"form": form, "contract": found}
    return render(request, "channel/contract.html", context, status=422 if form.errors else 200)


def _standing(request: SignedInRequest, found: DealerContract | None) -> dict[str, object]:
    if found is not None:
        fields = ("number", "territory", "start_on", "end_on", "target", "deposit", "terms")
        return {"dealer": found.dealer.code or found.dealer.name} | {
            name: getattr(found, name) for name in fields
        }
    dealer = visible_dealers(request.user).filter(pk=whole_number(request.GET.get("dealer")) or 0).first()
    today = timezone.localdate()
    standing: dict[str, object] = {"start_on": today, "end_on": dt.date(today.year + 1, 1, 1)}
    return standing | (
        {"dealer": dealer.code or dealer.name, "territory": dealer.territory_id} if dealer else {}
    )


@require_http_methods(["GET", "POST"])
def stock(request: SignedInRequest, pk: int) -> HttpResponse:
    """The month grid of one dealer: what he had, bought, has and sold on, and the fields for a new count."""
    require(request.user, "channel.see")
    dealer = get_object_or_404(visible_dealers(request.user), pk=pk)
    on = day((request.POST or request.GET).get("on")) or timezone.localdate()
    month = on.replace(day=1)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        problems = _report(request, dealer, on)
        if not problems:
            messages.success(request, _("The stock report of %(day)s is saved.") % {"day": on.isoformat()})
            return redirect(f"{request.path}?on={on.isoformat()}")
    context = {
        "dealer": dealer,
        "on": on,
        "month": month,
        "before": month - dt.timedelta(days=1),
        "after": _later(month),
        "rows": _grid(request, dealer, on, month, problems),
        "problems": problems.get("reported_on", []) + problems.get("", []),
        "may_count": may_count_stock(request.user),
    }
    return render(request, "channel/stock.html", context, status=422 if problems else 200)


def _later(month: dt.date) -> dt.date | None:
    """The last day of the next month, or today; nothing in the future."""
    today = timezone.localdate()
    end = (month + dt.timedelta(days=70)).replace(day=1) - dt.timedelta(days=1)
    return min(end, today) if month < today.replace(day=1) else None


def _report(request: SignedInRequest, dealer: Customer, on: dt.date) -> dict[str, list[str]]:
    lines: list[actions.Counted] = []
    problems: dict[str, list[str]] = {}
    for product in products():
        typed, sold = (request.POST.get(f"{what}_{product.pk}", "").strip() for what in ("stock", "sold"))
        if not typed and not sold:
            continue
        try:
            stock_left = _number(typed, f"stock_{product.pk}")
            lines.append(
                actions.Counted(product, stock_left, _number(sold, f"sold_{product.pk}") if sold else None)
            )
        except ValidationError as problem:
            problems |= problem.message_dict
    if not lines and not problems:
        return {"": [_("Write the stock of one product at least.")]}
    try:
        if not problems:
            actions.report_stock(by=request.user, dealer=dealer, reported_on=on, lines=lines)
    except ValidationError as problem:
        problems |= problem.message_dict
    return problems


def _number(text: str, field: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise ValidationError({field: _("Write a number, for example 12 or 3.5.")}, code="number") from None
    return number


def _grid(
    request: SignedInRequest, dealer: Customer, on: dt.date, month: dt.date, problems: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Products that he deals in first, each with its month and what is typed already for the day."""
    known = {trade.product.pk: trade.months[0] for trade in trade_of(dealer, [month])}
    typed = {row.product_id: row for row in StockReport.objects.filter(dealer=dealer, reported_on=on)}
    rows = [_line(request, product, known, typed, problems) for product in products()]
    return sorted(rows, key=lambda row: (row["month"] is None, row["product"].name))


def _line(
    request: SignedInRequest, product: Product, known: Any, typed: Any, problems: dict[str, list[str]]
) -> dict[str, Any]:
    report = typed.get(product.pk)
    sent = request.POST
    stock_text = sent.get(f"stock_{product.pk}") if sent else (report and f"{report.stock.normalize():f}")
    sold_text = sent.get(f"sold_{product.pk}") if sent else _plain(report.sold if report else None)
    return {
        "product": product,
        "month": known.get(product.pk),
        "stock": stock_text or "",
        "sold": sold_text or "",
        "problems": problems.get(f"stock_{product.pk}", []) + problems.get(f"sold_{product.pk}", []),
    }


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


@require_POST
def compute(request: SignedInRequest) -> HttpResponse:
    """Compute the cooperation scores of a month anew."""
    require(request.user, "channel.edit")
    month = day(f"{request.POST.get('month', '')[:7]}-01")
    try:
        if month is None:
            raise ValidationError(_("Choose a month."))
        number = actions.compute_cooperation(month=month, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Scores of %(n)d dealers computed.") % {"n": number})
    return redirect("channel:dealers")
