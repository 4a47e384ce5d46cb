"""Forms of the customer: a field of the card, a promise to pay, a ticket of the service."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from shengce.customers import actions as customers
from shengce.customers.models import CardField
from shengce.facts.models import Fact
from shengce.facts.values import plain_number
from shengce.people.models import User
from shengce.people.typed_text import typed_text
from shengce.proposals import drafting
from shengce.proposals.drafting import Values
from shengce.proposals.models import Proposal
from shengce.proposals.target import Target, in_firms_language, product_named, seller_of
from shengce.sales import actions as sales
from shengce.sales.models import PaymentPromise
from shengce.service import actions as service
from shengce.service.models import Kind, Priority, Ticket

CARD_FIELDS = {
    "need": "need",
    "budget": "budget",
    "decision_maker": "decision_maker",
    "competitor": "competitor",
    "objection": "main_objection",
    "product_interest": "interest",
    "contact": "contact",
}


# --- a field of the customer's card


def _draft_card(fact: Fact) -> Values | None:
    if fact.conversation.customer_id is None:
        return None
    return {"value": in_firms_language(drafting.card_text, fact)[:2000]}


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


CARD = Target(
    name=Proposal.Target.CUSTOMER_FIELD,
    kinds=tuple(CARD_FIELDS),
    draft=_draft_card,
    clean=_clean_card,
    apply=_apply_card,
    withdraw=lambda row, by: customers.withdraw_card_field(row, by=by),
    made=CardField,
    words_only=("value",),
    field_of=lambda fact: CARD_FIELDS[fact.kind],
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
        rep=seller_of(proposal),
        by=by,
        fact=proposal.fact,
        made_at=proposal.decided_at,
        **values,
    )


PROMISE = Target(
    name=Proposal.Target.PAYMENT_PROMISE,
    kinds=("payment_promise",),
    draft=_draft_promise,
    clean=_clean_promise,
    apply=_apply_promise,
    withdraw=lambda promise, by: sales.withdraw_payment_promise(promise, by=by),
    made=PaymentPromise,
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
    product = product_named(values.get("product"))
    return {"title": title, "kind": values["kind"], "priority": values["priority"], "product": product}


def _apply_ticket(proposal: Proposal, values: Values, by: User) -> models.Model:
    if proposal.customer is None:
        raise ValidationError(_("Say first which customer this talk was with."), code="customer")
    return service.open_ticket(by=by, customer=proposal.customer, fact=proposal.fact, **values)


TICKET = Target(
    name=Proposal.Target.TICKET,
    kinds=("complaint",),
    draft=_draft_ticket,
    clean=_clean_ticket,
    apply=_apply_ticket,
    withdraw=lambda ticket, by: service.withdraw_ticket(ticket, by=by),
    made=Ticket,
    words_only=("title", "kind", "priority", "product"),
)
