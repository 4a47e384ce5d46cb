"""The forms that facts may change: which facts suggest it, what they suggest, how a yes is carried out and undone.

One explicit tuple; a new form is one entry more. ``draft`` gives the fields of the form as plain JSON values, or
``None`` where the fact does not say enough; ``clean`` reads them, with a person's changes, into real values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.channel import actions as channel
from shengce.channel.models import Sighting
from shengce.customers import actions as customers
from shengce.customers.models import CardField
from shengce.facts.models import Fact
from shengce.facts.values import moment_of, plain_number
from shengce.market import actions as market
from shengce.market.models import Signal
from shengce.people.models import Role, User
from shengce.people.typed_text import typed_text
from shengce.proposals import drafting
from shengce.proposals.drafting import Values
from shengce.proposals.models import Proposal
from shengce.sales import actions as sales
from shengce.sales.models import PaymentPromise
from shengce.service import actions as service
from shengce.service.models import Kind, Priority, Ticket
from shengce.sheets import actions as sheets
from shengce.sheets.forms_of_papers import daily_sections
from shengce.sheets.models import Line
from shengce.visits import actions as visits
from shengce.visits.models import Appointment, Task


@dataclass(frozen=True, slots=True)
class Target:
    """One form. ``words_only`` are the fields whose change does not say that the fact was wrong."""

    name: str
    kinds: tuple[str, ...]
    draft: Callable[[Fact], Values | None]
    clean: Callable[[Values], Values]
    apply: Callable[[Proposal, Values, User], models.Model]
    withdraw: Callable[[Any, User], None]
    made: type[models.Model]
    words_only: tuple[str, ...] = ()
    field_of: Callable[[Fact], str] = lambda fact: ""


SECTIONS = {
    "payment_promise": "results",
    "objection": "problems",
    "complaint": "problems",
    "competitor": "market",
    "price": "market",
    "diversion": "market",
    "appointment": "tomorrow",
    "next_step": "tomorrow",
}
CARD_FIELDS = {
    "need": "need",
    "budget": "budget",
    "decision_maker": "decision_maker",
    "competitor": "competitor",
    "objection": "main_objection",
    "product_interest": "interest",
    "contact": "contact",
}
SIGNALS = {
    "competitor": Signal.Kind.COMPETITOR,
    "price": Signal.Kind.PRICE,
    "complaint": Signal.Kind.COMPLAINT,
}


def _in_firms_language(words: Callable[[Fact], str], fact: Fact) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return words(fact)


def _of_competitor(fact: Fact) -> bool:
    """Our own prices are no news about the market."""
    return fact.kind != "price" or fact.value.get("of") == "competitor"


# --- a line of the daily report


def _draft_line(fact: Fact) -> Values | None:
    rep = fact.conversation.rep
    if rep is None or rep.role != Role.REP or not _of_competitor(fact):
        return None
    return {"section": SECTIONS[fact.kind], "text": _in_firms_language(drafting.line_text, fact)}


def _clean_line(values: Values) -> Values:
    if values["section"] not in daily_sections():
        raise ValidationError(_("There is no such section in the daily report."), code="section")
    return {"section": values["section"], "text": typed_text(values["text"], most=1000)}


def _apply_line(proposal: Proposal, values: Values, by: User) -> models.Model:
    day = timezone.localdate(proposal.conversation.started_at)
    return sheets.add_proven_line(_rep(proposal), day, by=by, fact=proposal.fact, **values)


# --- a task


def _draft_task(fact: Fact) -> Values | None:
    if fact.kind == "promise" and fact.role != "rep":
        return None
    due_at = drafting.due_moment(fact.value.get("due"))
    return {
        "title": (fact.value.get("text") or fact.quote)[:300],
        "due_at": due_at.isoformat() if due_at else None,
    }


def _clean_task(values: Values) -> Values:
    return {"title": typed_text(values["title"], most=300), "due_at": _moment(values.get("due_at"))}


def _apply_task(proposal: Proposal, values: Values, by: User) -> models.Model:
    return visits.create_task(
        owner=_rep(proposal), by=by, customer=proposal.customer, fact=proposal.fact, **values
    )


# --- an appointment


def _draft_appointment(fact: Fact) -> Values | None:
    start = moment_of(fact.value.get("start"))
    if start is None:
        return None
    end = moment_of(fact.value.get("end"))
    return {
        "start_at": start.isoformat(),
        "end_at": end.isoformat() if end is not None and end > start else None,
        "place": (fact.value.get("place") or "")[:200],
    }


def _clean_appointment(values: Values) -> Values:
    start = _moment(values.get("start_at"))
    if start is None:
        raise ValidationError(_("An appointment needs date and time."), code="start_at")
    place = typed_text(values.get("place"), most=200, required=False)
    return {"start_at": start, "end_at": _moment(values.get("end_at")), "place": place}


def _apply_appointment(proposal: Proposal, values: Values, by: User) -> models.Model:
    return visits.book_appointment(
        owner=_rep(proposal), by=by, customer=proposal.customer, fact=proposal.fact, **values
    )


# --- a field of the customer's card


def _draft_card(fact: Fact) -> Values | None:
    if fact.conversation.customer_id is None:
        return None
    return {"value": _in_firms_language(drafting.card_text, fact)[:2000]}


def _clean_card(values: Values) -> Values:
    return {"value": typed_text(values["value"], most=2000)}


def _apply_card(proposal: Proposal, values: Values, by: User) -> models.Model:
    if proposal.customer is None:
        raise ValidationError(_("Say first which customer this talk was with."), code="customer")
    fact = proposal.fact
    evidence = {
        "conversation": proposal.conversation_id,
        "fact": fact.pk,
        "quote": fact.quote,
        "start_ms": fact.start_ms,
        "end_ms": fact.end_ms,
    }
    return customers.set_card_field(
        proposal.customer,
        proposal.field,
        values["value"],
        by=by,
        source=CardField.Source.TALK,
        evidence=evidence,
        at=proposal.decided_at,
    )


# --- a promise to pay


def _draft_promise(fact: Fact) -> Values | None:
    amount, due = drafting.least_amount(fact.value), drafting.due_day(fact.value.get("due"))
    if not amount and due is None:
        return None
    return {"amount": str(amount) if amount else None, "due_on": due.isoformat() if due else None}


def _clean_promise(values: Values) -> Values:
    text = str(values.get("amount") or "").strip().replace(",", "").replace("，", "")
    amount = plain_number(text) if text else None
    if text and amount is None:
        raise ValidationError(_("Write the sum in yuan as a number, for example 30000."), code="amount")
    try:
        due = date.fromisoformat(values["due_on"]) if values.get("due_on") else None
    except (TypeError, ValueError):
        raise ValidationError(_("Write the day as 2026-03-18."), code="due_on") from None
    return {"amount": amount, "due_on": due}


def _apply_promise(proposal: Proposal, values: Values, by: User) -> models.Model:
    return sales.note_payment_promise(
        customer=proposal.customer,
        rep=_rep(proposal),
        by=by,
        fact=proposal.fact,
        made_at=proposal.decided_at,
        **values,
    )


# --- a market signal


def _draft_signal(fact: Fact) -> Values | None:
    if not _of_competitor(fact):
        return None
    return {"text": _in_firms_language(drafting.signal_text, fact)}


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


# --- a ticket of the customer service


def _draft_ticket(fact: Fact) -> Values | None:
    if fact.conversation.customer_id is None:
        return None
    urgent = fact.value.get("about") in ("product", "staff")
    return {
        "title": fact.quote.strip()[:200],
        "kind": Kind.COMPLAINT.value,
        "priority": (Priority.HIGH if urgent else Priority.NORMAL).value,
        "product": drafting.named_product(fact),
    }


def _clean_ticket(values: Values) -> Values:
    if values["kind"] not in Kind.values or values["priority"] not in Priority.values:
        raise ValidationError(_("Choose a kind and a priority."), code="kind")
    title = typed_text(values["title"], most=200)
    product = _product(values.get("product"))
    return {"title": title, "kind": values["kind"], "priority": values["priority"], "product": product}


def _apply_ticket(proposal: Proposal, values: Values, by: User) -> models.Model:
    if proposal.customer is None:
        raise ValidationError(_("Say first which customer this talk was with."), code="customer")
    return service.open_ticket(by=by, customer=proposal.customer, fact=proposal.fact, **values)


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
    return {"product": _product(values.get("product")), "place": place, "seller": seller, "price": price}


def _apply_sighting(proposal: Proposal, values: Values, by: User) -> models.Model:
    return channel.note_sighting(
        by=by,
        source=Sighting.Source.TALK,
        note=proposal.fact.quote[:500],
        customer=proposal.customer,
        rep=_rep(proposal),
        fact=proposal.fact,
        seen_at=min(proposal.conversation.started_at, timezone.now()),  # a recorder's clock may run ahead
        **values,
    )


TARGETS: tuple[Target, ...] = (
    Target(
        name=Proposal.Target.REPORT_LINE,
        kinds=tuple(SECTIONS),
        draft=_draft_line,
        clean=_clean_line,
        apply=_apply_line,
        withdraw=lambda line, by: sheets.withdraw_line(line, by=by),
        made=Line,
        words_only=("text", "section"),
    ),
    Target(
        name=Proposal.Target.PAYMENT_PROMISE,
        kinds=("payment_promise",),
        draft=_draft_promise,
        clean=_clean_promise,
        apply=_apply_promise,
        withdraw=lambda promise, by: sales.withdraw_payment_promise(promise, by=by),
        made=PaymentPromise,
    ),
    Target(
        name=Proposal.Target.APPOINTMENT,
        kinds=("appointment",),
        draft=_draft_appointment,
        clean=_clean_appointment,
        apply=_apply_appointment,
        withdraw=lambda appointment, by: visits.withdraw_appointment(appointment, by=by),
        made=Appointment,
        words_only=("place",),
    ),
    Target(
        name=Proposal.Target.TASK,
        kinds=("next_step", "promise"),
        draft=_draft_task,
        clean=_clean_task,
        apply=_apply_task,
        withdraw=lambda task, by: visits.withdraw_task(task, by=by),
        made=Task,
        words_only=("title",),
    ),
    Target(
        name=Proposal.Target.CUSTOMER_FIELD,
        kinds=tuple(CARD_FIELDS),
        draft=_draft_card,
        clean=_clean_card,
        apply=_apply_card,
        withdraw=lambda row, by: customers.withdraw_card_field(row, by=by),
        made=CardField,
        words_only=("value",),
        field_of=lambda fact: CARD_FIELDS[fact.kind],
    ),
    Target(
        name=Proposal.Target.SIGNAL,
        kinds=tuple(SIGNALS),
        draft=_draft_signal,
        clean=_clean_signal,
        apply=_apply_signal,
        withdraw=lambda signal, by: market.withdraw_signal(signal, by=by),
        made=Signal,
        words_only=("text",),
    ),
    Target(
        name=Proposal.Target.TICKET,
        kinds=("complaint",),
        draft=_draft_ticket,
        clean=_clean_ticket,
        apply=_apply_ticket,
        withdraw=lambda ticket, by: service.withdraw_ticket(ticket, by=by),
        made=Ticket,
        words_only=("title", "kind", "priority", "product"),
    ),
    Target(
        name=Proposal.Target.SIGHTING,
        kinds=("diversion",),
        draft=_draft_sighting,
        clean=_clean_sighting,
        apply=_apply_sighting,
        withdraw=lambda sighting, by: channel.withdraw_sighting(sighting, by=by),
        made=Sighting,
    ),
)


def target_of(proposal: Proposal) -> Target:
    return next(target for target in TARGETS if target.name == proposal.target)


def words_of(proposal: Proposal) -> str:
    """What an open proposal would write, in the reader's language where the words come from the fact."""
    if proposal.state == Proposal.State.OPEN:
        if proposal.target in (Proposal.Target.REPORT_LINE, Proposal.Target.SIGNAL, Proposal.Target.SIGHTING):
            return drafting.line_text(proposal.fact)
        if proposal.target == Proposal.Target.CUSTOMER_FIELD:
            return drafting.card_text(proposal.fact)
    new = proposal.new
    if proposal.target == Proposal.Target.TICKET:
        return drafting.ticket_text(new)
    parts = [str(new[part]) for part in ("text", "title", "value") if new.get(part)]
    if amount := plain_number(new.get("amount")):
        parts.append(drafting.yuan(amount))
    for name in ("start_at", "due_at"):
        if moment := moment_of(new.get(name)):
            parts.append(drafting.moment_text(moment))
    if new.get("due_on"):
        parts.append(drafting.day_text(date.fromisoformat(new["due_on"])))
    if new.get("place"):
        parts.append(str(new["place"]))
    return " · ".join(parts)


def _moment(text: Any) -> Any:
    if not text:
        return None
    moment = moment_of(text)
    if moment is None:
        raise ValidationError(_("Write date and time, for example 2026-03-18T14:00:00+08:00."), code="moment")
    return moment


def _product(name: Any) -> Product | None:
    """The product of this name, which a person may have typed."""
    text = typed_text(name, most=100, required=False)
    product = Product.objects.filter(name=text).first() if text else None
    if text and product is None:
        raise ValidationError(_("We have no product “%(name)s”."), params={"name": text}, code="product")
    return product


def _rep(proposal: Proposal) -> User:
    if proposal.rep is None:
        raise ValidationError(_("Say first whose talk this was."), code="rep")
    return proposal.rep
