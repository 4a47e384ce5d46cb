"""HTTP of cases: of goods that strayed, and of prices that are not in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.channel import actions, queries
from shengce.channel.answering import as_file, carried_out, number_of, reasons_of, text_of, wanted_file
from shengce.channel.forms import (
    AskForm,
    CaseForm,
    DecisionForm,
    SettleForm,
    StatementForm,
    SuspectForm,
    TextForm,
    products,
)
from shengce.channel.matching import matching_of
from shengce.channel.models import DealerContract, DiversionCase, PriceCase, Shipment, Sighting
from shengce.channel.reach import visible_customers
from shengce.people.asked import whole_number
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.scope import visible

State = DiversionCase.State


@require_GET
def cases(request: SignedInRequest) -> HttpResponseBase:
    """Cases of one's scope."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.cases(
        request.user,
        text=text_of(asked),
        state=asked.get("state", ""),
        verdict=asked.get("verdict", ""),
        product=whole_number(asked.get("product")),
        suspect=whole_number(asked.get("suspect")),
        sort=asked.get("sort", ""),
    )
    if file_format := wanted_file(asked):
        columns = [
            _("Case number"), _("Dealer"), _("Product"), _("Seen in"), _("Lot"), _("State"), _("Verdict"), _("Penalty"),
            _("Opened"), _("Decided"), _("Closed"),
        ]  # fmt: skip
        lines = (
            [
                r.number, r.suspect and r.suspect.name, r.product and r.product.name, r.seen_in and r.seen_in.name,
                r.shipment and r.shipment.label, r.get_state_display(), r.get_verdict_display(), r.penalty, r.opened_at,
                r.decided_at, r.closed_at,
            ]
            for r in rows.iterator(chunk_size=2000)
        )  # fmt: skip
        return as_file("cases", file_format, columns, lines)
    context = {
        "page": queries.page_of(rows, number_of(asked)),
        "asked": asked,
        "states": [("running", _("Not decided yet")), *State.choices],
        "verdicts": DiversionCase.Verdict.choices,
        "products": products(),
        "waiting": queries.sightings(request.user, finding="waiting").exists(),
        "may_edit": may(request.user, "channel.edit"),
        "may_report": may(request.user, "channel.report"),
    }
    return render(request, "channel/cases.html", context)


@require_http_methods(["GET", "POST"])
def new_case(request: SignedInRequest) -> HttpResponse:
    """Open a case from a sighting, or by hand."""
    require(request.user, "channel.edit")
    asked = request.POST or request.GET
    sighting = _sighting(request, asked)
    wanted = whole_number(asked.get("shipment"))
    shipment = _shipment(sighting, wanted) if sighting and wanted is not None else None
    form: forms.Form = (
        TextForm(request.POST or None, initial={"text": _suspicion(sighting, shipment)})
        if sighting
        else CaseForm(request.POST or None, user=request.user)
    )
    form.fields["text"].label = _("What is suspected")
    opened = request.method == "POST" and carried_out(
        form,
        lambda: actions.open_case(by=request.user, sighting=sighting, shipment=shipment, **form.cleaned_data),
    )
    if opened:
        return redirect("channel:case", pk=opened.pk)
    context = {"form": form, "sighting": sighting, "shipment": shipment}
    return render(request, "channel/new_case.html", context, status=422 if form.errors else 200)


def _sighting(request: SignedInRequest, asked: Any) -> Sighting | None:
    """The sighting that the address names; a wrong one is not found."""
    if "sighting" not in asked:
        return None
    seen = Sighting.objects.visible_to(request.user).select_related(
        "territory", "shipment__customer", "product"
    )
    found: Sighting = get_object_or_404(seen, pk=whole_number(asked["sighting"]) or 0)
    return found


def _shipment(sighting: Sighting, wanted: int) -> Shipment | None:
    """One of the shipments behind the sighting; others are nobody's business here."""
    behind = {match.shipment.key for match in matching_of(sighting).matches}
    return Shipment.objects.select_related("customer").filter(pk=wanted).first() if wanted in behind else None


def _suspicion(sighting: Sighting | None, shipment: Shipment | None) -> str:
    """What the case may begin with, so that a person only has to add."""
    if sighting is None:
        return ""
    shipment = shipment or sighting.shipment
    parts = [
        _("Lot %(lot)s was seen in %(place)s.") % {"lot": sighting.lot, "place": sighting.place or "–"}
        if sighting.lot
        else sighting.evidence.get("quote") or sighting.note,
        _("It was shipped to %(dealer)s on %(day)s.")
        % {"dealer": shipment.customer.name, "day": shipment.shipped_on.isoformat()}
        if shipment
        else "",
    ]
    return " ".join(part for part in parts if part)


STEPS: dict[str, tuple[str, type[forms.Form], Callable[..., Any]]] = {
    # step: (permission, form, action)
    "ask": ("channel.edit", AskForm, actions.ask_statement),
    "answer": ("channel.edit", StatementForm, actions.record_statement),
    "decide": ("channel.decide", DecisionForm, actions.decide_case),
    "close": ("channel.edit", TextForm, actions.close_case),
    "note": ("channel.edit", TextForm, actions.add_note),
    "suspect": ("channel.edit", SuspectForm, actions.name_suspect),
}
NEXT = {State.OPEN: "ask", State.ASKED: "answer", State.ANSWERED: "decide", State.DECIDED: "close"}


@require_GET
def case(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file of one case with all evidence; made for the screen and for paper."""
    require(request.user, "channel.see")
    return _file(request, pk)


@require_POST
def step(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Take one step of a case; a step that cannot be taken comes back with its words."""
    permission, form_class, action = STEPS[what]
    require(request.user, permission)
    found = get_object_or_404(DiversionCase.objects.visible_to(request.user), pk=pk)
    form = _form(form_class, request, request.POST)
    if carried_out(form, lambda: action(found, by=request.user, **form.cleaned_data)):
        messages.success(request, _("Entered in the file."))
        return redirect("channel:case", pk=pk)
    return _file(request, pk, tried={what: form})


@require_POST
def add_sighting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a sighting into a case as further evidence."""
    require(request.user, "channel.edit")
    found = get_object_or_404(DiversionCase.objects.visible_to(request.user), pk=pk)
    sighting = _sighting(request, request.POST)
    form = forms.Form(request.POST)
    if sighting is None or not carried_out(
        form, lambda: actions.add_sighting(found, sighting, by=request.user)
    ):
        messages.error(request, reasons_of(form) or _("Choose a sighting."))
    return redirect("channel:case", pk=pk)


def _form(form_class: type[forms.Form], request: SignedInRequest, data: Any = None) -> forms.Form:
    return SuspectForm(data, user=request.user) if form_class is SuspectForm else form_class(data)


def _file(request: SignedInRequest, pk: int, tried: dict[str, forms.Form] | None = None) -> HttpResponse:
    user = request.user
    related = (
        "product",
        "suspect__territory",
        "suspect__owner",
        "seen_in",
        "rep",
        "shipment__territory",
        "shipment__product",
    )
    found: DiversionCase = get_object_or_404(
        DiversionCase.objects.visible_to(user).select_related(*related), pk=pk
    )
    tried = tried or {}
    following = NEXT.get(State(found.state), "")
    if following == "ask" and found.suspect is None:
        following = "suspect"
    sightings = list(found.sightings.select_related("territory", "rep", "product").order_by("seen_at", "pk"))
    allowed = (
        bool(following) and may(user, STEPS[following][0]) and (following != "decide" or _side(found, user))
    )
    shown = tried.get(following) or (_form(STEPS[following][1], request) if allowed else None)
    context = {
        "case": found,
        "states": _progress(found),
        "sightings": sightings,
        "heard": queries.audible(user, [one.evidence for one in sightings]),
        "entries": found.entries.select_related("by"),
        "step": following,
        "step_form": shown,
        "waits_for_other_side": following == "decide" and may(user, "channel.decide") and not allowed,
        "note_form": tried.get("note") or TextForm(auto_id="note_%s"),
        "may_note": may(user, "channel.edit") and found.state != State.CLOSED,
        **_dealer(request, found),
    }
    return render(request, "channel/case.html", context, status=422 if tried else 200)


def _side(found: DiversionCase, user: Any) -> bool:
    return DiversionCase.objects.filter(visible(user, rep="rep", unit="unit"), pk=found.pk).exists()


def _progress(found: DiversionCase) -> list[tuple[str, str]]:
    """Each state with ``done``, ``now`` or ``later``."""
    order = list(State)
    now = order.index(State(found.state))
    words = ["done" if at < now else "now" if at == now else "later" for at in range(len(order))]
    return [(str(state.label), word) for state, word in zip(order, words, strict=True)]


def _dealer(request: SignedInRequest, found: DiversionCase) -> dict[str, Any]:
    """What the contract says, and what was proven against the dealer before."""
    if found.suspect is None:
        return {}
    on = found.shipment.shipped_on if found.shipment else found.opened_at.date()
    contracts = DealerContract.objects.filter(dealer=found.suspect, start_on__lte=on, end_on__gt=on)
    proven = DiversionCase.objects.visible_to(request.user).filter(suspect=found.suspect, verdict="proven")
    return {
        "contract": contracts.select_related("territory").order_by("-start_on").first(),
        "proven": proven.exclude(pk=found.pk).order_by("-decided_at")[:5],
        "known": visible_customers(request.user).filter(pk=found.suspect.pk).exists(),
    }


@require_GET
def price_cases(request: SignedInRequest) -> HttpResponseBase:
    """Prices that list, floor or authority do not allow; open ones wait for a manager."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.price_cases(
        request.user,
        state=asked.get("state", ""),
        broken=asked.get("broken", ""),
        rep=whole_number(asked.get("rep")),
        customer=whole_number(asked.get("customer")),
        sort=asked.get("sort", ""),
    )
    if file_format := wanted_file(asked):
        return _prices_file(rows, file_format)
    page = queries.page_of(rows, number_of(asked))
    context = {
        "page": page,
        "heard": queries.audible(request.user, [row.evidence for row in page.rows]),
        "asked": asked,
        "states": PriceCase.State.choices,
        "kinds": PriceCase.Broken.choices,
        "reps": visible_reps(request.user),
        "may_decide": may(request.user, "channel.decide"),
    }
    return render(request, "channel/price_cases.html", context)


def _prices_file(rows: Any, file_format: str) -> HttpResponseBase:
    columns = [
        _("Said or seen at"), _("What is broken"), _("Product"), _("Price"), _("Lowest allowed"), _("List price"),
        _("Price tier"), _("Customer"), _("Rep"), _("What was said"), _("State"), _("Comment"), _("Settled by"),
    ]  # fmt: skip
    lines = (
        [
            r.said_at, r.get_broken_display(), r.product.name, r.price, r.allowed, r.listed, r.tier and r.tier.name,
            r.customer and r.customer.name, r.rep and str(r.rep), r.evidence.get("quote", ""), r.get_state_display(),
            r.comment, r.decided_by and str(r.decided_by),
        ]
        for r in rows.iterator(chunk_size=2000)
    )  # fmt: skip
    return as_file("price-cases", file_format, columns, lines)


@require_POST
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that there was a reason, or that it was a breach."""
    require(request.user, "channel.decide")
    found = get_object_or_404(PriceCase.objects.visible_to(request.user), pk=pk)
    form = SettleForm(request.POST)
    if carried_out(form, lambda: actions.settle_price_case(found, by=request.user, **form.cleaned_data)):
        messages.success(request, _("Settled."))
    else:
        messages.error(request, reasons_of(form))
    return redirect("channel:price_cases")
