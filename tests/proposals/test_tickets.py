"""A complaint that was heard becomes a ticket: what is drafted, what a yes makes, what an undo takes back."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from shengce.catalogue.models import Competitor, Product
from shengce.facts.models import Fact
from shengce.proposals.actions import accept, propose, refuse, undo
from shengce.proposals.forms import fields_of
from shengce.proposals.models import Proposal
from shengce.proposals.targets import words_of
from shengce.recordings.models import Conversation
from shengce.service.actions import add_step
from shengce.service.models import Ticket
from tests.talks import make_fact, make_talk
from tests.world import World

COMPLAINT = "上个月装的那台漏水漏得厉害"


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    Product.objects.create(name="云瀑商用净水机", aliases=["云瀑"])
    Product.objects.create(name="深谷软水机", aliases=["深谷软水"])
    Competitor.objects.create(name="霖沃净水")


def talk_of(world: World, *said: str) -> Conversation:
    turns = tuple(("customer", text) for text in said)
    return make_talk(world.rep_a1, customer=world.customer_a, turns=turns)


def proposed(world: World, *said: str, about: str = "product", quote: str = COMPLAINT) -> Proposal:
    talk = talk_of(world, *said)
    make_fact(talk, "complaint", {"about": about}, quote)
    propose(talk)
    return Proposal.objects.get(conversation=talk, target="ticket")


@pytest.mark.parametrize(
    ("about", "priority"),
    [
        ("product", "high"),
        ("staff", "high"),
        ("service", "normal"),
        ("delivery", "normal"),
        ("other", "normal"),
    ],
)
def test_what_is_drafted(world: World, about: str, priority: str) -> None:
    assert proposed(world, COMPLAINT, about=about).new == {
        "title": COMPLAINT,
        "kind": "complaint",
        "priority": priority,
        "product": None,
    }


@pytest.mark.parametrize(
    ("said", "product"),
    [
        ((COMPLAINT, "就是云瀑商用净水机"), "云瀑商用净水机"),
        ((COMPLAINT, "那台云瀑商用净水机", "云瀑商用净水机是三月买的"), "云瀑商用净水机"),
        ((COMPLAINT, "云瀑商用净水机和深谷软水机都是你们的"), None),  # which one?
        ((COMPLAINT, "霖沃净水就不会"), None),  # not ours
        (("上个月装的那台漏水漏得厉害",), None),
    ],
)
def test_the_product_where_the_talk_names_one(
    world: World, said: tuple[str, ...], product: str | None
) -> None:
    assert proposed(world, *said).new["product"] == product


def test_the_passage_itself_goes_first(world: World) -> None:
    said = "云瀑商用净水机漏水漏得厉害"
    assert proposed(world, said, "深谷软水机倒是好的", quote=said).new["product"] == "云瀑商用净水机"


def test_nothing_without_a_customer(world: World) -> None:
    talk = talk_of(world, COMPLAINT)
    Conversation.objects.update(customer=None)
    talk.refresh_from_db()
    make_fact(talk, "complaint", {"about": "product"}, COMPLAINT)
    propose(talk)
    assert not Proposal.objects.filter(target="ticket").exists()


def test_a_yes_opens_it_and_an_undo_takes_it_back(world: World) -> None:
    proposal = proposed(world, COMPLAINT, "就是云瀑商用净水机")
    for _tap in range(2):
        accept(proposal, by=world.rep_a1)
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.kind, ticket.priority) == (COMPLAINT, "complaint", "high")
    assert (ticket.customer, ticket.rep, ticket.product and ticket.product.name) == (
        world.customer_a,
        world.rep_a1,
        "云瀑商用净水机",
    )
    assert (ticket.fact_id, ticket.opened_by, ticket.owner) == (proposal.fact_id, world.rep_a1, None)
    assert ticket.answer_by and ticket.solve_by
    assert Fact.objects.get().state == "confirmed"
    for _tap in range(2):
        undo(proposal, by=world.rep_a1)
    assert not Ticket.objects.exists()
    assert Fact.objects.get().state == "open"
    accept(proposal, by=world.rep_a1)
    assert Ticket.objects.count() == 1


def test_with_changes(world: World) -> None:
    changes = {"title": "漏水", "kind": "repair", "priority": "urgent", "product": "深谷软水机"}
    proposal = accept(proposed(world, COMPLAINT), by=world.manager_a, changes=changes)
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.kind, ticket.priority, str(ticket.product)) == tuple(changes.values())
    proposal.fact.refresh_from_db()
    assert (proposal.state, proposal.fact.state) == ("edited", "confirmed")  # the fact was right


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"kind": "party"},
        {"kind": None},
        {"priority": "very"},
        {"product": "没有这个"},
        {"product": "x" * 101},
        {"owner": "rep_a1"},
    ],
)
def test_wrong_changes_are_refused(world: World, changes: dict[str, object]) -> None:
    proposal = proposed(world, COMPLAINT)
    with pytest.raises(ValidationError) as caught:
        accept(proposal, by=world.rep_a1, changes=changes)
    assert all(caught.value.messages)
    assert not Ticket.objects.exists()
    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_what_was_worked_on_stays(world: World) -> None:
    proposal = accept(proposed(world, COMPLAINT), by=world.rep_a1)
    add_step(Ticket.objects.get(), by=world.rep_a1, text="打了电话")
    with pytest.raises(ValidationError):
        undo(proposal, by=world.rep_a1)
    proposal.refresh_from_db()
    assert (proposal.state, Ticket.objects.count()) == ("accepted", 1)


def test_a_no_opens_nothing(world: World) -> None:
    refuse(proposed(world, COMPLAINT), by=world.rep_a1)
    assert not Ticket.objects.exists()


def test_words_and_form_in_both_languages(world: World) -> None:
    proposal = proposed(world, COMPLAINT, "就是云瀑商用净水机")
    with translation.override("en"):
        assert words_of(proposal) == f"Complaint · High · 云瀑商用净水机 · {COMPLAINT}"
        labels = [field.label for field in fields_of(proposal)]
        assert labels == ["What it is about", "Kind", "Priority", "Product"]
    with translation.override("zh-hans"):
        assert words_of(proposal) == f"投诉 · 高 · 云瀑商用净水机 · {COMPLAINT}"


def test_the_form_offers_kinds_and_priorities(world: World, client: Client) -> None:
    proposal = proposed(world, COMPLAINT)
    client.force_login(world.rep_a1)
    page = client.get(reverse("web:conversation", args=[proposal.conversation_id])).content.decode()
    assert '<option value="high" selected>' in page
    posted = {f"new.{field.name}": field.text for field in fields_of(proposal)}
    client.post(reverse("proposals:accept", args=[proposal.pk]), {**posted, "new.priority": "low"})
    assert Ticket.objects.get().priority == "low"


def test_a_talk_full_of_complaints_costs_few_queries(
    world: World, django_assert_max_num_queries: object
) -> None:
    talk = talk_of(world, *(f"{COMPLAINT}{number}" for number in range(20)))
    for number in range(20):
        make_fact(talk, "complaint", {"about": "product"}, f"{COMPLAINT}{number}")
    talk = Conversation.objects.select_related("rep__unit", "customer").get(pk=talk.pk)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        propose(talk)
    assert Proposal.objects.filter(target="ticket").count() == 20
