"""HTTP of lots: scanning one, what was seen, and the register of shipments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.channel import actions, queries
from shengce.channel.answering import as_file, carried_out, number_of, text_of, wanted_file
from shengce.channel.forms import ShipmentForm, SightingForm, products
from shengce.channel.matching import look_up, matching_of
from shengce.channel.models import DiversionCase, PriceCase, Shipment, Sighting
from shengce.channel.reach import visible_customers
from shengce.channel.typed import typed_lot
from shengce.people.asked import whole_number, words
from shengce.people.models import Territory, User
from shengce.people.permissions import may, require
from shengce.people.queries import territory_of_place
from shengce.people.requests import SignedInRequest
from shengce.planning.diversion import Match, Matching


@dataclass(frozen=True, slots=True)
class Origin:
    """A shipment that goods may come from. ``named``: the person may know to whom it went; ``linked``: and open his page."""

    match: Match
    shipment: Shipment
    named: bool
    linked: bool


def origins(user: User, found: Matching) -> list[Origin]:
    """The shipments behind a match; whoever does not work on cases learns names of his own dealers only. Two queries."""
    keys = [match.shipment.key for match in found.matches]
    related = ("customer", "territory", "product")
    rows = {row.pk: row for row in Shipment.objects.filter(pk__in=keys).select_related(*related)}
    own = set(
        visible_customers(user)
        .filter(pk__in=[row.customer_id for row in rows.values()])
        .values_list("pk", flat=True)
    )
    every = may(user, "channel.edit")
    return [
        Origin(match, row, every or row.customer_id in own, row.customer_id in own)
        for match in found.matches
        if (row := rows.get(match.shipment.key)) is not None
    ]


@require_http_methods(["GET", "POST"])
def scan(request: SignedInRequest) -> HttpResponse:
    """On a phone: type or scan a lot, see at once where it belongs; note what was seen."""
    require(request.user, "channel.report")
    asked = request.POST or request.GET
    form = SightingForm(request.POST or None)
    if request.method == "POST":
        noted = carried_out(
            form, lambda: actions.note_sighting(by=request.user, source="scan", **form.cleaned_data)
        )
        if noted:
            messages.success(request, _("Noted."))
            return redirect("channel:sighting", pk=noted.pk)
    place = words(asked.get("place"), most=100) or ("" if asked else _last_place(request.user))
    context: dict[str, Any] = {"lot": asked.get("lot", "")[:200], "place": place, "form": form}
    context |= _found(request.user, words(asked.get("lot"), most=200), place)
    template = "channel/scan.html#result" if request.htmx and request.method == "GET" else "channel/scan.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _last_place(user: User) -> str:
    """Where the person was last: shops of one street are visited one after the other."""
    last = (
        Sighting.objects.filter(rep=user).exclude(place="").order_by("-seen_at").values_list("place").first()
    )
    return last[0] if last else ""


def _found(user: User, typed: str, place: str) -> dict[str, Any]:
    if not typed:
        return {}
    try:
        lot = typed_lot(typed)
    except ValidationError as problem:
        return {"problem": " ".join(problem.messages)}
    territory = territory_of_place(place) if place else None
    found = look_up(lot=lot, seen_on=timezone.localdate(), territory=territory)
    return {"found": found, "looked_up": lot, "here": territory, "origins": origins(user, found)}


@require_GET
def sightings(request: SignedInRequest) -> HttpResponseBase:
    """What was seen in the market, newest first."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.sightings(
        request.user,
        text=text_of(asked),
        finding=asked.get("finding", ""),
        source=asked.get("source", ""),
        product=whole_number(asked.get("product")),
        sort=asked.get("sort", ""),
    )
    if file_format := wanted_file(asked):
        return _sightings_file(rows, file_format)
    page = queries.page_of(rows, number_of(asked))
    context = {
        "page": page,
        "heard": queries.audible(request.user, [row.evidence for row in page.rows]),
        "asked": asked,
        "findings": [("waiting", _("Strayed or unclear, no case yet")), *Sighting.Finding.choices],
        "sources": Sighting.Source.choices,
        "products": products(),
        "may_report": may(request.user, "channel.report"),
    }
    return render(request, "channel/sightings.html", context)


def _sightings_file(rows: Any, file_format: str) -> HttpResponseBase:
    columns = [
        _("Seen at"), _("Source"), _("Product"), _("Lot"), _("Place"), _("Territory"), _("Finding"), _("Confidence"),
        _("Price"), _("Who sells it"), _("Note"), _("Rep"), _("Case number"),
    ]  # fmt: skip
    lines = (
        [
            row.seen_at, row.get_source_display(), row.product and row.product.name, row.lot, row.place,
            row.territory and row.territory.name, row.get_finding_display(), row.confidence, row.price, row.seller,
            row.note, row.rep and str(row.rep), row.case and row.case.number,
        ]
        for row in rows.iterator(chunk_size=2000)
    )  # fmt: skip
    return as_file("sightings", file_format, columns, lines)


@require_http_methods(["GET", "POST"])
def new_sighting(request: SignedInRequest) -> HttpResponse:
    """Report something seen or heard without scanning."""
    require(request.user, "channel.report")
    form = SightingForm(request.POST or None)
    if request.method == "POST" and (
        noted := carried_out(
            form, lambda: actions.note_sighting(by=request.user, source="report", **form.cleaned_data)
        )
    ):
        messages.success(request, _("Noted."))
        return redirect("channel:sighting", pk=noted.pk)
    return render(request, "channel/new_sighting.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def sighting(request: SignedInRequest, pk: int) -> HttpResponse:
    """One sighting: what was seen, what it means and why, and what follows."""
    require(request.user, "channel.see")
    related = ("product", "territory", "rep", "customer", "case", "shipment__product")
    found = get_object_or_404(Sighting.objects.visible_to(request.user).select_related(*related), pk=pk)
    matching = matching_of(found)
    behind = origins(request.user, matching)
    suspects = {origin.shipment.customer_id for origin in behind if origin.match.strays}
    running = DiversionCase.objects.visible_to(request.user).filter(suspect__in=suspects)
    context = {
        "sighting": found,
        "origins": behind,
        "heard": queries.audible(request.user, [found.evidence]),
        "price_case": PriceCase.objects.visible_to(request.user).filter(sighting=found).first(),
        "running": running.exclude(state__in=("decided", "closed")).select_related("suspect")[:5],
        "may_edit": may(request.user, "channel.edit"),
        "may_withdraw": found.case is None and may(request.user, "channel.report"),
        "known_customer": found.customer is not None
        and visible_customers(request.user).filter(pk=found.customer_id).exists(),
    }
    return render(request, "channel/sighting.html", context)


@require_POST
def withdraw_sighting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a sighting back that was noted by mistake."""
    require(request.user, "channel.report")
    found = get_object_or_404(Sighting.objects.visible_to(request.user).select_related("rep", "case"), pk=pk)
    try:
        actions.withdraw_sighting(found, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("channel:sighting", pk=pk)
    messages.success(request, _("Taken back."))
    return redirect("channel:sightings")


@require_GET
def shipments(request: SignedInRequest) -> HttpResponseBase:
    """Which lot went to whom."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.shipments(
        request.user,
        text=text_of(asked),
        product=whole_number(asked.get("product")),
        territory=whole_number(asked.get("territory")),
        sort=asked.get("sort", ""),
    )
    if file_format := wanted_file(asked):
        columns = [
            _("Lot"), _("Last serial number"), _("Product"), _("Shipped to"), _("Customer number"), _("Territory"), _("Shipped on"), _("Quantity"),
        ]  # fmt: skip
        lines = (
            [
                r.lot, r.lot_to, r.product.name, r.customer.name, r.customer.code, r.territory and r.territory.name, r.shipped_on,
                r.quantity,
            ]
            for r in rows.iterator(chunk_size=2000)
        )  # fmt: skip
        return as_file("shipments", file_format, columns, lines)
    context = {
        "page": queries.page_of(rows, number_of(asked)),
        "asked": asked,
        "products": products(),
        "territories": Territory.objects.order_by("path"),
        "may_edit": may(request.user, "channel.edit"),
    }
    return render(request, "channel/shipments.html", context)


@require_http_methods(["GET", "POST"])
def new_shipment(request: SignedInRequest) -> HttpResponse:
    """Record a lot that left; the form stays for the next one."""
    require(request.user, "channel.edit")
    initial = {"shipped_on": timezone.localdate()} | {
        name: request.GET[name] for name in ("product", "customer", "shipped_on") if name in request.GET
    }
    form = ShipmentForm(request.POST or None, initial=initial, user=request.user)
    if request.method == "POST" and (
        saved := carried_out(form, lambda: actions.record_shipment(by=request.user, **form.cleaned_data))
    ):
        words_said = _("Lot %(lot)s is recorded for %(customer)s.")
        messages.success(request, words_said % {"lot": saved.label, "customer": saved.customer.name})
        return redirect("channel:shipments")
    return render(request, "channel/new_shipment.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def withdraw_shipment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a shipment that was recorded by mistake."""
    require(request.user, "channel.edit")
    found = get_object_or_404(Shipment.objects.visible_to(request.user).select_related("customer"), pk=pk)
    try:
        actions.withdraw_shipment(found, by=request.user)
        messages.success(request, _("Taken back."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("channel:shipments")
