"""What reps of the demonstration company typed by hand although a talk was recorded: most of it as it was said, some of it not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from shengce.claims import actions
from shengce.claims.models import ClaimCheck
from shengce.customers.actions import set_card_field
from shengce.customers.models import Customer
from shengce.demo.script import Year
from shengce.facts.models import Fact
from shengce.facts.values import plain_number
from shengce.language.claim_tolerance import same_person
from shengce.people.models import Role, User
from shengce.recordings.models import Conversation, Recording

REASONS = {
    "price": "价格偏高",
    "quality": "担心质量",
    "service": "售后跟不上",
    "timing": "今年暂缓，明年再说",
    "authority": "要总部审批",
    "competitor": "在用竞品",
}
OTHER_DECIDER = "采购部陈主管"


def type_by_hand(year: Year) -> int:
    """Values on cards that stand beside what was heard, compared and one of them answered; how many checks there are."""
    for number, (fact, amount) in enumerate(_budgets()):
        share = Decimal("1.6") if number == 0 else Decimal(1)
        _set(fact, "budget", f"约{(amount * share / 10_000).normalize():f}万")
    deciders = _newest("decision_maker")
    other = next((f for f in deciders if same_person(OTHER_DECIDER, str(f.value.get("who"))) is False), None)
    for fact in deciders[:4]:
        _set(fact, "decision_maker", OTHER_DECIDER if fact == other else str(fact.value.get("who")))
    objections = [fact for fact in _newest("objection") if fact.value.get("reason") in REASONS]
    for fact in objections[:5]:
        _set(fact, "main_objection", REASONS[str(fact.value["reason"])])
    for fact in [fact for fact in objections if not _speaks_of_service(fact.conversation.customer)][-2:]:
        _set(fact, "main_objection", REASONS["service"])
    for talk in _talks():
        day = timezone.localdate(talk.started_at)
        _note(talk, f"{day.month}月{day.day}日上门拜访，当面核对了需求")
    actions.check_recent(now=timezone.now())
    _answer_one(year)
    return ClaimCheck.objects.count()


def _newest(kind: str) -> list[Fact]:
    """The last fact of a kind of every customer that has an owner, in order of time."""
    facts = Fact.objects.standing().filter(kind=kind, conversation__customer__owner__isnull=False)
    last: dict[int, Fact] = {}
    for fact in facts.select_related("conversation__customer__owner").order_by(
        "conversation__started_at", "start_ms"
    ):
        last[fact.conversation.customer_id or 0] = fact
    return list(last.values())


def _speaks_of_service(customer: Customer | None) -> bool:
    said = Fact.objects.standing().filter(conversation__customer=customer)
    return (
        said.filter(kind="complaint").exists()
        or said.filter(kind="objection", value__reason="service").exists()
    )


def _budgets() -> Iterator[tuple[Fact, Decimal]]:
    for fact in _newest("budget")[:4]:
        amount = plain_number(fact.value.get("max")) or plain_number(fact.value.get("min"))
        if amount:
            yield fact, amount


def _talks() -> list[Conversation]:
    """One talk on site and one by telephone."""
    talks = Conversation.objects.filter(customer__owner__isnull=False).select_related("customer__owner")
    on_site = talks.filter(direction=Recording.Direction.ONSITE).order_by("-started_at").first()
    by_phone = talks.exclude(direction=Recording.Direction.ONSITE).order_by("-started_at").first()
    return [talk for talk in (on_site, by_phone) if talk is not None]


def _owner(customer: Customer | None) -> User:
    assert customer is not None and customer.owner is not None
    return customer.owner


def _set(fact: Fact, field: str, value: str) -> None:
    customer = fact.conversation.customer
    if customer is not None and value:
        set_card_field(customer, field, value, by=_owner(customer))


def _note(talk: Conversation, text: str) -> None:
    if talk.customer is not None:
        set_card_field(talk.customer, "note", text, by=_owner(talk.customer))


def _answer_one(year: Year) -> None:
    """A manager has spoken with his rep about the oldest difference."""
    managers = [person for person in year.people.values() if person.role == Role.MANAGER]
    differing = ClaimCheck.objects.filter(verdict=ClaimCheck.Verdict.CONTRADICTS).order_by("typed_at", "pk")
    for manager in managers:
        for check in differing.filter(pk__in=ClaimCheck.objects.visible_to(manager))[:1]:
            try:
                actions.note_heard(check, by=manager, answer="talked_over", note="两期合计，已在客户卡上写清")
            except PermissionDenied:
                continue
            return
