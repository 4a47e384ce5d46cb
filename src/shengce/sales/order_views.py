"""HTTP of orders: list, entry with the credit in sight, one order, what waits for approval."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.people.asked import page_number, whole_number
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.sales import actions, queries
from shengce.sales.asking import (
    MOST_EXPORTED,
    add_problem,
    asked_customer,
    carried_out,
    customers_like,
    export,
    filters,
    search_words,
)
from shengce.sales.credit import check_credit, check_orders
from shengce.sales.forms import DeliveryForm, OrderForm, read_lines, typed_lines
from shengce.sales.models import Order, WriteOff
from shengce.sales.orders import ON_CREDIT
from shengce.sales.sums import cents

MOST_PRODUCTS = 2000


@require_GET
def orders(request: SignedInRequest) -> HttpResponseBase:
    """Orders of one's scope."""
    require(request.user, "orders.see")
    asked = request.GET
    found = queries.order_list(
        request.user,
        text=search_words(asked),
        rep=whole_number(asked.get("rep")),
        sort=asked.get("sort", ""),
        **filters(asked),
    )
    columns = (
        _("Order number"),
        _("Ordered on"),
        _("Customer"),
        _("Rep"),
        _("State"),
        _("Currency"),
        _("Total"),
        _("Note"),
    )
    table = (
        (
            o.number,
            o.ordered_on,
            o.customer.name,
            str(o.rep or ""),
            o.get_state_display(),
            o.currency,
            o.total,
            o.note,
        )
        for o in found[:MOST_EXPORTED].iterator(chunk_size=2000)
    )
    if file := export(request, "orders", columns, table):
        return file
    number = page_number(asked.get("page"))
    rows, has_next = queries.page_of(found, number)
    context = {
        "rows": rows,
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "states": Order.State.choices,
        "reps": visible_reps(request.user),
        "may_edit": may(request.user, "orders.edit"),
    }
    return render(request, "sales/orders.html", context)


@require_http_methods(["GET", "POST"])
def new_order(request: SignedInRequest) -> HttpResponse:
    """First the customer, then the lines, with his credit beside them."""
    require(request.user, "orders.edit")
    customer = asked_customer(request)
    if customer is None:
        return _pick(request, _("New order"))
    reps = visible_reps(request.user)
    form = OrderForm(request.POST or None, reps=reps)
    lines = typed_lines(request.POST)
    if request.method == "POST" and "more" not in request.POST:
        drafts = read_lines(lines)
        if form.is_valid() and drafts is not None:
            try:
                order = actions.create_order(
                    by=request.user, customer=customer, lines=drafts, **form.cleaned_data
                )
                return redirect("sales:order", pk=order.pk)
            except ValidationError as problem:
                add_problem(form, problem)
        status = 422
    else:
        form = OrderForm(initial=request.POST.dict(), reps=reps) if request.POST else OrderForm(reps=reps)
        status = 200
    context = {
        "customer": customer,
        "form": form,
        "lines": lines,
        "products": Product.objects.filter(active=True).order_by("name")[:MOST_PRODUCTS],
        **_credit_now(customer, request.POST),
    }
    return render(request, "sales/new_order.html", context, status=status)


@require_GET
def order_credit(request: SignedInRequest) -> HttpResponse:
    """The credit of a customer with the lines of the form as they stand: for the panel beside the form."""
    require(request.user, "orders.edit")
    customer = asked_customer(request)
    if customer is None:
        raise Http404
    return render(
        request, "sales/credit_now.html", {"customer": customer, **_credit_now(customer, request.GET)}
    )


def _credit_now(customer: Customer, data: Any) -> dict[str, Any]:
    """The sum of the readable lines, and what it means for the limit."""
    drafts = read_lines([line for line in typed_lines(data) if line.product]) or []
    total = sum(
        (cents(d.quantity * d.price) for d in drafts if abs(d.quantity * d.price) < actions.MOST_YUAN),
        Decimal(0),
    )
    method = data.get("settlement_method", ON_CREDIT[0])
    return {
        "total": total,
        "credit": check_credit(customer, total if method in ON_CREDIT else Decimal(0)),
        "line": queries.credit_line_of(customer),
        "stops": queries.current_policy().over_limit == "stop",
    }


@require_GET
def order(request: SignedInRequest, pk: int) -> HttpResponse:
    """One order: lines, decision, goods and invoices that came of it."""
    require(request.user, "orders.see")
    found = _order(request.user, pk)
    return render(request, "sales/order.html", _order_context(request.user, found, DeliveryForm()))


@require_POST
def change_order(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Approve, refuse, cancel, or note a delivery."""
    require(request.user, "orders.approve" if what in ("approve", "refuse") else "orders.edit")
    found = _order(request.user, pk)
    words = request.POST.get("comment", "")
    if what == "delivery":
        return _deliver(request, found)
    acts = {
        "approve": (
            lambda: actions.approve_order(found, by=request.user, comment=words),
            _("The order is approved."),
        ),
        "refuse": (
            lambda: actions.refuse_order(found, by=request.user, comment=words),
            _("The order is refused."),
        ),
        "cancel": (
            lambda: actions.cancel_order(found, by=request.user, reason=words),
            _("The order is cancelled."),
        ),
    }
    act, done = acts[what]
    carried_out(request, act, done)
    if request.POST.get("next") == "approvals":
        return redirect("sales:approvals")
    return redirect("sales:order", pk=pk)


def _deliver(request: SignedInRequest, order: Order) -> HttpResponse:
    form = DeliveryForm(request.POST)
    if form.is_valid():
        try:
            actions.record_delivery(
                by=request.user, customer=order.customer, order=order, **form.cleaned_data
            )
            return redirect("sales:order", pk=order.pk)
        except ValidationError as problem:
            add_problem(form, problem)
    return render(request, "sales/order.html", _order_context(request.user, order, form), status=422)


@require_GET
def approvals(request: SignedInRequest) -> HttpResponse:
    """Orders over the limit and debts to give up that wait for a yes or no."""
    require(request.user, "orders.approve")
    orders = list(queries.waiting_orders(request.user)[: queries.PAGE_SIZE])
    decides = may(request.user, "money.write_off")
    context = {
        "orders": orders,
        "checks": check_orders(orders),
        "write_offs": queries.waiting_write_offs(request.user)[: queries.PAGE_SIZE],
        "decides": decides,
    }
    return render(request, "sales/approvals.html", context)


@require_POST
def decide_write_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Yes or no to giving up a debt."""
    require(request.user, "money.write_off")
    row = get_object_or_404(queries.waiting_write_offs(request.user), pk=pk)
    approve = request.POST.get("answer") == "yes"
    carried_out(
        request,
        lambda: actions.decide_write_off(
            row, by=request.user, approve=approve, comment=request.POST.get("comment", "")
        ),
        _("The write-off is approved.") if approve else _("The write-off is refused."),
    )
    return redirect("sales:approvals")


def _order(user: User, pk: int) -> Order:
    rows = Order.objects.visible_to(user).select_related("customer", "rep", "made_by", "decided_by")
    found: Order = get_object_or_404(rows, pk=pk)
    return found


def _order_context(user: User, order: Order, form: DeliveryForm) -> dict[str, Any]:
    waits = order.state in (Order.State.WAITING, Order.State.STOPPED)
    edits = may(user, "orders.edit") and (
        may(user, "money.edit") or (order.rep is not None and may_act_for(user, order.rep))
    )
    return {
        "order": order,
        "lines": order.lines.select_related("product").order_by("pk"),
        "deliveries": order.deliveries.order_by("delivered_on", "pk"),
        "invoices": order.invoices.order_by("issued_on", "pk"),
        "credit": check_credit(order.customer, order.total if waits else Decimal(0)),
        "delivery_form": form,
        "may_approve": waits
        and may(user, "orders.approve")
        and user.pk not in (order.made_by_id, order.rep_id),
        "may_edit": edits,
        "may_invoice": may(user, "money.edit") and order.state == Order.State.CONFIRMED,
        "waits": waits,
        "written_off": WriteOff.State.APPROVED,
    }


def _pick(request: SignedInRequest, heading: str) -> HttpResponse:
    """Choose the customer first."""
    status = 422 if request.method == "POST" else 200
    context = {"heading": heading, "customers": customers_like(request), "asked": request.GET}
    return render(request, "sales/pick_customer.html", context, status=status)
