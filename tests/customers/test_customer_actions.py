"""Every change of customers: scope, history, sources, and text of all kinds."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.customers import actions
from shengce.customers.models import CardField, Customer
from shengce.customers.queries import card_of, customer_list, story_of
from shengce.people.models import AuditEntry, User
from tests.world import World

HEAD = {"kind": Customer.Kind.DEALER, "city": "苏州", "industry": "酒店"}


def test_a_new_customer_belongs_to_whoever_adds_it(world: World) -> None:
    customer = actions.create_customer(by=world.rep_a1, name=" 新客户 ", **HEAD)
    assert (customer.name, customer.owner, customer.unit) == ("新客户", world.rep_a1, world.team_a)
    given = actions.create_customer(by=world.manager_a, name="另一个", owner=world.rep_a2, **HEAD)
    assert (given.owner, given.unit) == (world.rep_a2, world.team_a)
    assert AuditEntry.objects.filter(action="customer.created").count() == 2


def test_the_head_is_changed_within_the_scope_only(world: World) -> None:
    actions.update_customer(world.customer_a, by=world.manager_a, name="云海国际", **HEAD)
    world.customer_a.refresh_from_db()
    assert (world.customer_a.name, world.customer_a.city) == ("云海国际", "苏州")
    for user in (world.rep_a2, world.rep_b1, world.manager_b, world.executive, world.inspector):
        with pytest.raises(PermissionDenied):
            actions.update_customer(world.customer_a, by=user, name="X", **HEAD)
    world.customer_a.refresh_from_db()
    assert world.customer_a.name == "云海国际"


OUTSIDERS = ("rep_a2", "rep_b1", "manager_b", "executive", "inspector", "administrator", "marketing")
CALLS = {
    "contact": lambda w, by: actions.add_contact(w.customer_a, by=by, name="x"),
    "hand over": lambda w, by: actions.hand_over(w.customer_a, by=by, to=w.rep_b1),
    "card": lambda w, by: actions.set_card_field(w.customer_a, "need", "x", by=by),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_nobody_outside_changes_a_customer(world: World, call: object) -> None:
    for name in OUTSIDERS:
        with pytest.raises(PermissionDenied):
            call(world, getattr(world, name))  # type: ignore[operator]
    assert not CardField.objects.exists()
    assert world.customer_a.contacts.count() == 1
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 1234 9999", "13812349999"),
        ("+86 138-1234-9999", "13812349999"),
        ("１３８１２３４９９９９", "13812349999"),
        ("0512-88886666 转 801", "051288886666"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_contacts_keep_numbers_as_calls_bring_them(world: World, typed: str, kept: str) -> None:
    contact = actions.add_contact(world.customer_a, by=world.rep_a1, name="张工", phone=typed)
    assert contact.phone == kept


@pytest.mark.parametrize("typed", ["none", "1", "12" * 20, "１２a", "=1+1", "²³⁴"])
def test_what_is_no_number_is_refused(world: World, typed: str) -> None:
    with pytest.raises(ValidationError):
        actions.add_contact(world.customer_a, by=world.rep_a1, name="张工", phone=typed)
    assert world.customer_a.contacts.count() == 1


def test_handing_over_moves_owner_and_unit_and_is_told(world: World) -> None:
    actions.hand_over(world.customer_a, by=world.manager_a, to=world.rep_a2)
    world.customer_a.refresh_from_db()
    assert (world.customer_a.owner, world.customer_a.unit) == (world.rep_a2, world.team_a)
    entry = story_of(world.customer_a)[0]
    assert entry.action == "customer.handed_over"
    assert entry.details == {"old": world.rep_a1.pk, "new": world.rep_a2.pk}
    assert not Customer.objects.visible_to(world.rep_a1).filter(pk=world.customer_a.pk).exists()


@pytest.mark.parametrize("name", ["inspector", "administrator", "executive"])
def test_only_sellers_take_customers(world: World, name: str) -> None:
    with pytest.raises(ValidationError):
        actions.hand_over(world.customer_a, by=world.manager_a, to=getattr(world, name))


def test_nobody_takes_customers_who_may_not_sign_in(world: World) -> None:
    User.objects.filter(pk=world.rep_a2.pk).update(is_active=False)
    with pytest.raises(ValidationError):
        actions.hand_over(world.customer_a, by=world.manager_a, to=User.objects.get(pk=world.rep_a2.pk))


def test_the_card_keeps_every_value_with_its_source(world: World) -> None:
    evidence = {"conversation": 7, "fact": 3, "quote": "三十台", "start_ms": 1, "end_ms": 2}
    actions.set_card_field(world.customer_a, "need", "二十台", by=world.rep_a1)
    heard = actions.set_card_field(
        world.customer_a, "need", "三十台", by=world.rep_a1, source=CardField.Source.TALK, evidence=evidence
    )
    row = {row.field: row for row in card_of(world.customer_a)}["need"]
    assert row.current == heard
    assert (row.current.source, row.current.evidence) == ("talk", evidence)
    assert [(old.value, old.source) for old in row.earlier] == [("二十台", "typed")]
    actions.withdraw_card_field(heard, by=world.rep_a1)
    row = {row.field: row for row in card_of(world.customer_a)}["need"]
    assert (row.current and row.current.value, row.earlier) == ("二十台", ())
    assert [field for field, _label in CardField.FIELDS] == [row.field for row in card_of(world.customer_a)]


def test_a_value_from_a_talk_may_come_from_a_colleague_a_typed_one_not(world: World) -> None:
    set_by_talk = actions.set_card_field(
        world.customer_a, "budget", "五万", by=world.rep_a2, source=CardField.Source.TALK
    )
    assert set_by_talk.set_by == world.rep_a2
    actions.withdraw_card_field(set_by_talk, by=world.rep_a2)
    with pytest.raises(PermissionDenied):
        actions.set_card_field(world.customer_a, "budget", "五万", by=world.rep_a2)


@pytest.mark.parametrize(
    "call",
    [
        lambda w, text: actions.create_customer(by=w.rep_a1, name=text, **HEAD),
        lambda w, text: actions.update_customer(w.customer_a, by=w.rep_a1, name=text, **HEAD),
        lambda w, text: actions.add_contact(w.customer_a, by=w.rep_a1, name=text),
        lambda w, text: actions.set_card_field(w.customer_a, "note", text, by=w.rep_a1),
    ],
    ids=["create", "update", "contact", "card"],
)
@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "\ud83d"])
def test_text_that_no_database_takes_is_refused_in_words(world: World, call: object, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        call(world, text)  # type: ignore[operator]
    assert all(refused.value.messages)


def test_a_field_that_the_card_has_not_is_refused(world: World) -> None:
    with pytest.raises(ValidationError):
        actions.set_card_field(world.customer_a, "shoe_size", "44", by=world.rep_a1)


@pytest.fixture
def many(world: World) -> World:
    for number in range(70):
        Customer.objects.create(
            name=f"客户{number:02}",
            owner=world.rep_a1 if number % 2 else world.rep_a2,
            unit=world.team_a,
            kind=Customer.Kind.DEALER if number % 3 else Customer.Kind.PROSPECT,
            city="苏州" if number < 10 else "",
        )
    return world


def names(user: User, **asked: object) -> list[str]:
    return [customer.name for customer in customer_list(user, **asked)[0]]  # type: ignore[arg-type]


def test_pages_hold_every_customer_once(many: World) -> None:
    seen, page, has_next = [], 1, True
    while has_next:
        rows, has_next = customer_list(many.manager_a, sort="name", page=page)
        seen += [row.name for row in rows]
        page += 1
    assert page == 4
    assert seen == sorted(Customer.objects.filter(unit=many.team_a).values_list("name", flat=True))
    assert customer_list(many.manager_a, page=99) == ([], False)
    assert names(many.manager_a, page=-5) == names(many.manager_a)


def test_filters_narrow_and_never_widen(many: World) -> None:
    assert len(names(many.manager_a, text="苏州")) == 10
    assert names(many.manager_a, text=many.contact_a.phone[-6:]) == [many.customer_a.name]
    assert names(many.manager_a, text="刘经理") == [many.customer_a.name]
    assert names(many.manager_a, text=many.customer_b.name) == []
    assert names(many.manager_a, text=many.contact_b.phone) == []
    assert len(names(many.manager_a, text="苏州", kind="prospect")) == 4
    assert len(names(many.manager_a, text="苏州", owner=many.rep_a2.pk)) == 5
    assert names(many.manager_a, owner=many.rep_b1.pk) == []
    assert names(many.manager_a, kind="nonsense", sort="nonsense") == names(many.manager_a)
    assert names(many.manager_a, sort="-name")[0] == "客户69"


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "%%%", "\\'"])
def test_signs_of_the_database_language_are_only_signs(many: World, text: str) -> None:
    assert names(many.manager_a, text=text) == []
    Customer.objects.create(name=f"x{text}y", owner=many.rep_a1, unit=many.team_a)
    assert names(many.manager_a, text=text) == [f"x{text}y"]
