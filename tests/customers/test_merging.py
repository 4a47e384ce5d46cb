"""Two entries of one firm become one and come apart again, in every room; duplicates are found and told apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.catalogue.models import Product
from shengce.channel.models import StockReport
from shengce.customers import actions, merging
from shengce.customers.lookalikes import find_duplicates, lookalikes, pair_page
from shengce.customers.models import Customer, Merge, NotDuplicates, SuspectedPair
from shengce.customers.queries import story_of
from shengce.proposals.actions import accept
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation
from tests.talks import make_full_talk
from tests.world import World


@pytest.fixture
def twin(world: World) -> Customer:
    twin = actions.create_customer(
        by=world.rep_a1, name="云海大酒店有限公司", kind="end_customer", city="苏州", tax_number="91350100M000100Y43",
        code="K7",
    )  # fmt: skip
    actions.add_contact(twin, by=world.rep_a1, name="新经理", phone="13812349999")
    actions.set_card_field(twin, "need", "三十台", by=world.rep_a1)
    talk = make_full_talk(world.rep_a1, customer=twin)
    for proposal in Proposal.objects.filter(conversation=talk):
        accept(proposal, by=world.rep_a1)
    Customer.objects.filter(pk=twin.pk).update(last_talk_at=talk.started_at)
    twin.refresh_from_db()
    return twin


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every room that tells of customers; what merging itself writes is left out."""
    out = ("AuditEntry", "Merge", "SuspectedPair", "Session", "LogEntry")
    models = [m for m in apps.get_models() if m.__module__.startswith("shengce.") and m.__name__ not in out]
    return {m._meta.label: list(m._default_manager.order_by("pk").values()) for m in models}


def test_everything_moves_and_comes_back(world: World, twin: Customer) -> None:
    before = all_rows()
    merge = merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    kept = world.customer_a
    kept.refresh_from_db()
    assert {
        "recordings.Conversation.customer",
        "customers.Contact.customer",
        "proposals.Proposal.customer",
    } <= set(merge.moved)
    for model, field in merging.pointers():
        assert not model._base_manager.filter(**{field.name: twin.pk}).exists(), (model, field.name)
    assert (kept.city, kept.tax_number, kept.code) == ("苏州", "91350100M000100Y43", "")
    assert kept.last_talk_at == twin.last_talk_at
    assert not Customer.objects.visible_to(world.executive).filter(pk=twin.pk).exists()
    assert merging.kept_instead(twin.pk) == kept.pk
    merging.undo_merge(merge, by=world.manager_a)
    assert all_rows() == before


def test_what_came_since_stays_with_the_kept_one(world: World, twin: Customer) -> None:
    merge = merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    later = make_full_talk(world.rep_a1, customer=world.customer_a)
    kept = Customer.objects.get(pk=world.customer_a.pk)
    actions.update_customer(kept, by=world.rep_a1, city="无锡")
    merging.undo_merge(merge, by=world.manager_a)
    later.refresh_from_db()
    kept.refresh_from_db()
    assert later.customer_id == kept.pk
    assert (kept.city, kept.tax_number) == ("无锡", "")
    assert Conversation.objects.filter(customer=twin).count() == 1


def test_a_row_of_which_there_can_be_only_one_stays_and_is_listed(world: World, twin: Customer) -> None:
    product = Product.objects.create(name="清泉500")
    reports = [
        StockReport.objects.create(dealer=dealer, product=product, stock=5, reported_on=day)
        for dealer, day in ((world.customer_a, "2026-03-01"), (twin, "2026-03-01"), (twin, "2026-03-02"))
    ]
    merge = merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    assert merge.moved["channel.StockReport.dealer"] == [reports[2].pk]
    assert merge.left == {"channel.StockReport.dealer": [reports[1].pk]}
    merging.undo_merge(merge, by=world.manager_a)
    assert StockReport.objects.filter(dealer=twin).count() == 2


def test_merges_upon_merges_are_undone_in_their_order(world: World, twin: Customer) -> None:
    third = actions.create_customer(by=world.rep_a1, name="云海", kind="prospect")
    first = merging.merge_customers(twin, third, by=world.manager_a)
    second = merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    assert merging.kept_instead(third.pk) == world.customer_a.pk
    assert sorted(merging.earlier_selves(world.customer_a)) == sorted([twin.pk, third.pk])
    assert merging.in_force([third, world.customer_b]) == [world.customer_a, world.customer_b]
    with pytest.raises(ValidationError):
        merging.undo_merge(first, by=world.manager_a)
    merging.undo_merge(second, by=world.manager_a)
    merging.undo_merge(first, by=world.manager_a)
    assert merging.kept_instead(third.pk) is None
    with pytest.raises(ValidationError):
        merging.undo_merge(first, by=world.manager_a)


def test_who_may_merge_what(world: World, twin: Customer) -> None:
    for user in (world.rep_a1, world.executive, world.administrator):
        with pytest.raises(PermissionDenied):
            merging.merge_customers(world.customer_a, twin, by=user)
    with pytest.raises(PermissionDenied):
        merging.merge_customers(world.customer_a, world.customer_b, by=world.manager_a)  # the other team's
    with pytest.raises(ValidationError):
        merging.merge_customers(twin, twin, by=world.manager_a)
    merging.merge_customers(world.customer_a, twin, by=world.customer_department)
    for kept, gone in ((world.customer_b, twin), (twin, world.customer_b)):
        with pytest.raises(ValidationError):
            merging.merge_customers(kept, gone, by=world.customer_department)
    assert Merge.objects.count() == 1


def test_nobody_comes_to_be_supplied_by_himself(world: World, twin: Customer) -> None:
    Customer.objects.filter(pk__in=(twin.pk, world.customer_a.pk)).update(kind="dealer")
    kept = Customer.objects.get(pk=world.customer_a.pk)
    kept.supplied_by = twin
    kept.save()
    merge = merging.merge_customers(kept, twin, by=world.manager_a)
    kept.refresh_from_db()
    assert kept.supplied_by is None
    merging.undo_merge(merge, by=world.manager_a)
    kept.refresh_from_db()
    assert kept.supplied_by == twin


def test_old_addresses_lead_to_the_kept_one(world: World, twin: Customer, client: Client) -> None:
    merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    client.force_login(world.rep_a1)
    for rest in ("", "edit/", "story/", "cards/profile/?month=2026-03"):
        answer = client.get(f"/customers/{twin.pk}/{rest}")
        assert (answer.status_code, answer["Location"]) == (302, f"/customers/{world.customer_a.pk}/{rest}")
    assert client.get(f"/customers/{twin.pk}/", follow=True).status_code == 200
    assert client.get("/customers/987654321/").status_code == 404
    assert client.get(f"/customers/{10**30}/").status_code == 404
    assert client.post(f"/customers/{twin.pk}/card/", {"field": "need", "value": "x"}).status_code == 404
    client.force_login(world.rep_b1)
    assert client.get(f"/customers/{twin.pk}/").status_code == 404


def test_the_story_of_the_kept_one_tells_of_both(world: World, twin: Customer) -> None:
    merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    told = {entry.action for entry in story_of(world.customer_a)}
    assert {"customer.created", "customer.merged", "customer.contact_added"} <= told


# --- suspected pairs


def test_pairs_are_found_shown_and_told_apart(world: World, twin: Customer, client: Client) -> None:
    actions.update_customer(world.customer_a, by=world.rep_a1, phone="13812349999", city="苏州")
    assert find_duplicates() == 1
    pairs, has_next = pair_page(world.manager_a)
    assert ({pairs[0].one, pairs[0].other}, has_next) == ({world.customer_a, twin}, False)
    assert pair_page(world.manager_b) == ([], False)
    client.force_login(world.manager_a)
    page = client.get("/customers/duplicates/").text
    assert "云海大酒店有限公司" in page
    assert "13812349999" in page
    answer = client.post(f"/customers/{twin.pk}/apart/", {"other": world.customer_a.pk}, follow=True)
    assert "云海大酒店有限公司" not in answer.text
    assert NotDuplicates.objects.count() == 1
    assert find_duplicates(by=world.customer_department) == 0
    with pytest.raises(PermissionDenied):
        find_duplicates(by=world.rep_a1)


def test_merging_and_undoing_on_the_page(world: World, twin: Customer, client: Client) -> None:
    client.force_login(world.manager_a)
    here = f"/customers/{world.customer_a.pk}/merge/"
    assert "云海大酒店有限公司" in client.get(here, {"other": "K7"}).text
    assert client.get(here, {"other": "没有这家"}).status_code == 422
    for bad in ("", "x", "999999999999999999999999", str(world.customer_b.pk)):
        assert client.post(here, {"other": bad}).status_code == 404
    client.post(here, {"other": twin.pk, "keep": twin.pk})
    merge = Merge.objects.get()
    assert (merge.kept, merge.gone) == (twin, world.customer_a)
    client.post(f"/customers/merges/{merge.pk}/undo/")
    merge.refresh_from_db()
    assert merge.undone_at is not None
    page = client.post(f"/customers/merges/{merge.pk}/undo/", follow=True).text
    assert 'class="message error"' in page


def test_a_new_entry_that_looks_like_an_old_one_is_asked_about(
    world: World, twin: Customer, client: Client
) -> None:
    client.force_login(world.rep_a1)
    form = {"name": "苏州云海大酒店", "kind": "prospect", "city": "苏州"}
    answer = client.post("/customers/new/", form)
    assert answer.status_code == 422
    assert "云海大酒店有限公司" in answer.text
    assert Customer.objects.count() == 3
    assert client.post("/customers/new/", {**form, "sure": "on"}).status_code == 302
    assert client.post("/customers/new/", {**form, "name": "别的酒店"}).status_code == 302


def test_one_of_another_team_is_warned_of_without_his_name(
    world: World, twin: Customer, client: Client
) -> None:
    found = lookalikes(world.rep_b1, name="随便什么", phone="138 1234 9999", tax_number="91350100M000100Y43")
    assert [lookalike.customer for lookalike in found] == [None]
    client.force_login(world.rep_b1)
    text = client.get("/customers/lookalikes/", {"name": "云海大酒店", "phone": "13812349999"}).text
    assert "云海大酒店有限公司" not in text
    assert "13812349999" not in text
    assert world.rep_a1.display_name not in text
    assert len(lookalikes(world.rep_a1, name="云海大酒店有限公司", but=twin.pk)) == 1
    assert lookalikes(world.rep_a1, name="") == []
    assert lookalikes(world.rep_a1, name="%") == []


def test_a_merged_customer_is_in_no_pair(world: World, twin: Customer) -> None:
    actions.update_customer(world.customer_a, by=world.rep_a1, phone="13812349999", city="苏州")
    find_duplicates()
    merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    assert not SuspectedPair.objects.exists()
    assert find_duplicates() == 0
    assert (
        lookalikes(world.rep_a1, name="云海大酒店有限公司", tax_number="91350100M000100Y43")[0].customer
        == world.customer_a
    )


def test_a_merge_remembers_when(world: World, twin: Customer) -> None:
    merge = merging.merge_customers(world.customer_a, twin, by=world.manager_a)
    assert abs(merge.at - timezone.now()) < dt.timedelta(minutes=1)
