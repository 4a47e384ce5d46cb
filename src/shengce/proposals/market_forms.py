"""Forms of the market: what rivals do, and goods seen where they do not belong."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.channel import actions as channel
from shengce.channel.models import Sighting
from shengce.facts.models import Fact
from shengce.facts.values import plain_number
from shengce.market import actions as market
from shengce.market.models import Signal
from shengce.people.models import User
from shengce.people.typed_text import typed_text
from shengce.proposals import drafting
from shengce.proposals.drafting import Values
from shengce.proposals.models import Proposal
from shengce.proposals.target import Target, in_firms_language, of_competitor, product_named, seller_of

SIGNALS = {
    "competitor": Signal.Kind.COMPETITOR,
    "price": Signal.Kind.PRICE,
    "complaint": Signal.Kind.COMPLAINT,
}


# --- a market signal


def _draft_signal(fact: Fact) -> Values | None:
    if not of_competitor(fact):
        return None
    return {"text": in_firms_language(drafting.signal_text, fact)}


def _clean_signal(values: Values) -> Values:
    return {"text": typed_text(values["text"], most=2000)}


def _apply_signal(proposal: Proposal, values: Values, by: User) -> models.Model:
    return market.note_signal(
        kind=SIGNALS[proposal.fact.kind],
        text=values["text"],
        value=proposal.fact.value,
        by=by,
        rep=proposal.rep,
        customer=proposal.customer,
        fact=proposal.fact,
        heard_at=proposal.conversation.started_at,
    )


SIGNAL = Target(
    name=Proposal.Target.SIGNAL,
    kinds=tuple(SIGNALS),
    draft=_draft_signal,
    clean=_clean_signal,
    apply=_apply_signal,
    withdraw=lambda signal, by: market.withdraw_signal(signal, by=by),
    made=Signal,
    words_only=("text",),
)


# --- goods seen in the market


def _draft_sighting(fact: Fact) -> Values | None:
    """The place of a diversion fact is where the goods came from; they were seen where the customer is."""
    price, customer = plain_number(fact.value.get("price")), fact.conversation.customer
    return {
        "product": drafting.named_product(fact),
        "place": customer.city if customer else "",
        "seller": (fact.value.get("place") or "")[:200],
        "price": None if price is None else str(price),
    }


def _clean_sighting(values: Values) -> Values:
    text = str(values.get("price") or "").strip()
    price = plain_number(text) if text else None
    if text and price is None:
        raise ValidationError(_("Write the sum in yuan as a number, for example 30000."), code="price")
    place = typed_text(values.get("place"), most=100, required=False)
    seller = typed_text(values.get("seller"), most=200, required=False)
    return {"product": product_named(values.get("product")), "place": place, "seller": seller, "price": price}


def _apply_sighting(proposal: Proposal, values: Values, by: User) -> models.Model:
    return channel.note_sighting(
        by=by,
        source=Sighting.Source.TALK,
        note=proposal.fact.quote[:500],
        customer=proposal.customer,
        rep=seller_of(proposal),
        fact=proposal.fact,
        seen_at=min(proposal.conversation.started_at, timezone.now()),  # a recorder's clock may run ahead
        **values,
    )


SIGHTING = Target(
    name=Proposal.Target.SIGHTING,
    kinds=("diversion",),
    draft=_draft_sighting,
    clean=_clean_sighting,
    apply=_apply_sighting,
    withdraw=lambda sighting, by: channel.withdraw_sighting(sighting, by=by),
    made=Sighting,
)
