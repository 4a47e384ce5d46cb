"""Prices spoken by us and seen in the market, checked against list, floor and authority; what a manager says to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.catalogue.models import DiscountAuthority, PriceTier, Product
from shengce.catalogue.price_lists import price_on, tier_for
from shengce.channel.evidence import passage_of
from shengce.channel.matching import product_of
from shengce.channel.models import PriceCase, Sighting
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.facts.values import plain_number
from shengce.people.models import Unit, User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.planning.price_check import Terms, Verdict, check_market, check_offer, spoken_price
from shengce.recordings.models import Conversation


@dataclass(frozen=True, slots=True)
class Checked:
    """A price that is not in order, with all that a case says of it."""

    verdict: Verdict
    product: Product
    tier: PriceTier | None
    terms: Terms
    said_at: dt.datetime
    customer: Customer | None
    rep: User | None
    unit: Unit | None
    fact: Fact | None = None
    sighting: Sighting | None = None


def tier_of(customer: Customer) -> str:
    """Whose prices a customer has: a dealer those of his level (a first-level one where nobody said), others those of
    end customers.
    """
    if customer.kind == Customer.Kind.DEALER:
        return customer.level or PriceTier.HoldsFor.FIRST
    return str(PriceTier.HoldsFor.END_CUSTOMER)


def check_price(said: Fact | Sighting) -> Checked | None:
    """The breach in a price that was spoken (a fact) or seen (a sighting); ``None`` where all is in order.

    A fact counts where a rep named a price of ours for a product on the list to a known customer; the list price is that
    of the customer's tier on the day of the talk. A sighting is held against the list price of end customers. Where no
    list price is known, nothing is said.
    """
    return _check_fact(said) if isinstance(said, Fact) else _check_sighting(said)


def _check_fact(fact: Fact) -> Checked | None:
    talk, value = fact.conversation, fact.value
    of_ours = fact.kind == "price" and fact.role == "rep" and value.get("of") == "own"
    if not of_ours or talk.customer is None or fact.state == Fact.State.REJECTED:
        return None
    product = Product.objects.filter(name=value.get("product") or "").first()
    if product is None:
        return None
    tier, terms = terms_on(product, tier_of(talk.customer), timezone.localdate(talk.started_at))
    if terms is None:
        return None
    lowest, highest = plain_number(value.get("min")), plain_number(value.get("max"))
    price = spoken_price(lowest, highest, value.get("unit"), terms)
    role = talk.rep.role if talk.rep else ""
    rule = DiscountAuthority.objects.filter(role=role).first()
    verdict = check_offer(price, terms, rule.most if rule else None) if price is not None else None
    if verdict is None:
        return None
    return Checked(
        verdict, product, tier, terms, talk.started_at, talk.customer, talk.rep, talk.unit, fact=fact
    )


def _check_sighting(sighting: Sighting) -> Checked | None:
    product = product_of(sighting)
    if product is None or sighting.price is None:
        return None
    day = timezone.localdate(sighting.seen_at)
    tier, terms = terms_on(product, PriceTier.HoldsFor.END_CUSTOMER, day)
    if terms is None or spoken_price(sighting.price, None, "yuan", terms) is None:
        return None
    verdict = check_market(sighting.price, terms)
    if verdict is None:
        return None
    return Checked(
        verdict, product, tier, terms, sighting.seen_at, _seller(sighting), sighting.rep, sighting.unit,
        sighting=sighting,
    )  # fmt: skip


def terms_on(product: Product, holds_for: str, day: dt.date) -> tuple[PriceTier | None, Terms | None]:
    """What holds for a kind of customer on a day. Without a price of that tier the product's list price counts, for end
    customers only: dealers buy below it.
    """
    tier = tier_for(holds_for)
    price = price_on(product, tier, day) if tier else None
    if price is not None:
        return tier, Terms(price.amount, price.floor)
    if holds_for == PriceTier.HoldsFor.END_CUSTOMER and product.list_price:
        return tier, Terms(product.list_price)
    return tier, None


def _seller(sighting: Sighting) -> Customer | None:
    """The dealer who sells so: the one that the lot went to, where it went to one only; else the one of that name."""
    if sighting.shipment is not None and sighting.finding != Sighting.Finding.UNCLEAR:
        return sighting.shipment.customer
    dealers = Customer.objects.filter(kind=Customer.Kind.DEALER, merged_into__isnull=True)
    named = list(dealers.filter(name=sighting.seller)[:2]) if sighting.seller else []
    return named[0] if len(named) == 1 else None


@transaction.atomic
def open_price_case(checked: Checked, *, by: User | None) -> PriceCase:
    """The case of a price that is not in order; one for one fact or sighting. ``by`` is empty where the program found it.

    An open case follows a fact that a person corrected; a settled one stays as it was judged.
    """
    case = _known(checked)
    if case is not None and case.state != PriceCase.State.OPEN:
        if case.fact_id is None and checked.fact is not None:
            PriceCase.objects.filter(pk=case.pk).update(fact=checked.fact)
        return case
    values = _values(checked)
    if case is None:
        case = PriceCase.objects.create(**values)
        record("price_case.opened", case, by=by, broken=case.broken, price=str(case.price))
        return case
    changed = [name for name, value in values.items() if getattr(case, name) != value]
    if changed:
        for name in changed:
            setattr(case, name, values[name])
        case.save(update_fields=changed)
        record("price_case.changed", case, by=by, broken=case.broken, price=str(case.price))
    return case


def _known(checked: Checked) -> PriceCase | None:
    of_what = Q(sighting=checked.sighting) if checked.fact is None else Q(fact=checked.fact)
    found: PriceCase | None = PriceCase.objects.select_for_update(of=("self",)).filter(of_what).first()
    if found is not None or checked.fact is None:
        return found
    return next(
        (case for case in _lost(checked.fact.conversation) if _same_passage(case, checked.fact)), None
    )


def _lost(talk: Conversation) -> Sequence[PriceCase]:
    """Cases of a talk whose fact went when the talk was recognised again."""
    lost = PriceCase.objects.filter(fact__isnull=True, sighting__isnull=True, evidence__conversation=talk.pk)
    return list(lost.select_for_update(of=("self",)))


def _same_passage(case: PriceCase, fact: Fact) -> bool:
    return bool(case.evidence["start_ms"] < fact.end_ms and fact.start_ms < case.evidence["end_ms"])


def _values(checked: Checked) -> dict[str, Any]:
    verdict, fact, sighting = checked.verdict, checked.fact, checked.sighting
    evidence = sighting.evidence if sighting else {}
    if fact is not None:
        evidence = passage_of(fact)
    return {
        "product": checked.product,
        "price": verdict.price,
        "allowed": verdict.allowed,
        "listed": checked.terms.amount,
        "tier": checked.tier,
        "broken": verdict.breach.value,
        "customer": checked.customer,
        "rep": checked.rep,
        "unit": checked.unit,
        "fact": fact,
        "sighting": sighting,
        "evidence": evidence,
        "said_at": checked.said_at,
    }


@transaction.atomic
def check_prices_of_talk(conversation: Conversation) -> list[PriceCase]:
    """Check every price of ours that a rep named in a talk, and bring its cases up to date. May run any number of times.

    Call it after the facts of a talk were stored, linked to another customer, or answered by a person. Open cases whose
    price is in order now, or was never said, go; settled ones stay.
    """
    facts = Fact.objects.filter(conversation=conversation, kind=Fact.Kind.PRICE).standing()
    related = ("conversation__customer", "conversation__rep", "conversation__unit")
    found = [checked for fact in facts.select_related(*related) if (checked := check_price(fact))]
    cases = [open_price_case(checked, by=None) for checked in found]
    kept = [case.pk for case in cases]
    of_talk = PriceCase.objects.filter(state=PriceCase.State.OPEN, fact__conversation=conversation)
    gone = [*of_talk.exclude(pk__in=kept), *_lost(conversation)]
    for case in gone:
        if case.pk not in kept and case.state == PriceCase.State.OPEN:
            withdraw_price_case(case, by=None)
    return cases


def withdraw_price_case(case: PriceCase, *, by: User | None) -> None:
    """Remove an open case whose price was never said so."""
    record(
        "price_case.withdrawn",
        case,
        by=by,
        broken=case.broken,
        price=str(case.price),
        product=case.product_id,
    )
    case.delete()


@transaction.atomic
def settle_price_case(case: PriceCase, *, by: User, state: str, comment: str) -> PriceCase:
    """A manager says whether there was a good reason or it was a breach, and why. Nobody judges his own words.

    Raises ``ValidationError`` without a comment, and where the case is settled already.
    """
    require(by, "channel.decide")
    row: PriceCase | None = (
        PriceCase.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=case.pk).first()
    )
    if row is None:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    if row.rep_id == by.pk and row.broken != PriceCase.Broken.MARKET_BELOW_LIST:
        raise PermissionDenied(_("Nobody judges his own prices: your superior does."))
    if state not in (PriceCase.State.JUSTIFIED, PriceCase.State.CONFIRMED):
        raise ValidationError(_("Say whether it was justified or a breach."), code="state")
    if row.state != PriceCase.State.OPEN:
        raise ValidationError(_("This case is settled already."), code="settled")
    row.state, row.comment = state, typed_text(comment, most=300)
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["state", "comment", "decided_by", "decided_at"])
    record("price_case.settled", row, by=by, state=state, comment=row.comment)
    return row
