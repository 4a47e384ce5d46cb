"""Whose records a person sees. The table is the rule; everything else in the house leans on it."""

from __future__ import annotations

import pytest

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.inspection.models import Alert, Score
from shengce.people import actions
from shengce.people.models import Role, User
from shengce.people.queries import organisation, visible_reps, visible_units, visible_users
from shengce.people.scope import may_act_for, subtree_ids
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation
from tests.talks import make_full_talk, make_talk
from tests.world import World, make_unit

SEEN = {
    # user: the reps whose talks that person sees
    "rep_a1": {"rep_a1"},
    "rep_a2": {"rep_a2"},
    "rep_b1": {"rep_b1"},
    "manager_a": {"rep_a1", "rep_a2", "manager_a"},
    "manager_b": {"rep_b1"},
    "inspector": {"rep_a1", "rep_a2", "rep_b1", "manager_a"},
    "executive": {"rep_a1", "rep_a2", "rep_b1", "manager_a"},
    "administrator": set(),
    "marketing": set(),
}


@pytest.mark.parametrize("name", SEEN)
def test_who_sees_whose_talks(world: World, name: str) -> None:
    for rep in ("rep_a1", "rep_a2", "rep_b1", "manager_a"):
        make_full_talk(getattr(world, rep))
    user = getattr(world, name)
    for rows, path in (
        (Conversation.objects, "rep"),
        (Fact.objects, "conversation__rep"),
        (Score.objects, "conversation__rep"),
        (Alert.objects, "conversation__rep"),
    ):
        seen = set(rows.visible_to(user).values_list(f"{path}__username", flat=True))
        assert seen == SEEN[name], rows.model
    # An inspector judges talks, but does not see what follows from them.
    proposals = set(Proposal.objects.visible_to(user).values_list("rep__username", flat=True))
    assert proposals == (SEEN[name] if name != "inspector" else set())


@pytest.mark.parametrize("role", [Role.MARKETING, Role.APPOINTMENT_SPECIALIST, Role.TRAINER])
def test_other_roles_see_nothing_even_in_the_unit_of_the_talk(world: World, role: str) -> None:
    make_full_talk(world.rep_a1, customer=world.customer_a)
    User.objects.filter(pk=world.rep_a1.pk).update(role=role)
    user = User.objects.get(pk=world.rep_a1.pk)
    for model in (Conversation, Fact, Score, Alert, Proposal, Customer):
        assert not model.objects.visible_to(user).exists()


def test_the_customer_department_hears_what_known_customers_said(world: World) -> None:
    known = make_full_talk(world.rep_a1, customer=world.customer_a)
    make_talk(world.rep_b1)  # with nobody whom we know
    user = world.customer_department
    assert list(Conversation.objects.visible_to(user)) == [known]
    assert set(Fact.objects.visible_to(user)) == set(Fact.objects.filter(conversation=known))
    for model in (Score, Alert, Proposal):  # how well somebody sells is not its business
        assert not model.objects.visible_to(user).exists()


def test_a_region_manager_sees_every_team_below_and_not_the_one_beside(world: World) -> None:
    User.objects.filter(pk=world.manager_a.pk).update(unit=world.region)
    other_region = make_unit("华南大区", "region", world.company)
    other_team = make_unit("深圳组", "team", other_region)
    User.objects.filter(pk=world.rep_b2.pk).update(unit=other_team)
    for rep in (world.rep_a1, world.rep_b1, User.objects.get(pk=world.rep_b2.pk)):
        make_talk(rep)
    manager = User.objects.get(pk=world.manager_a.pk)
    seen = Conversation.objects.visible_to(manager).values_list("rep__username", flat=True)
    assert set(seen) == {"rep_a1", "rep_b1"}


def test_a_path_that_only_begins_alike_is_another_branch(world: World) -> None:
    """``/1/1/`` must not hold ``/1/10/``."""
    for number in range(12):
        make_unit(f"组{number}", "team", world.company)
    assert subtree_ids(world.team_a) == [world.team_a.pk]
    assert subtree_ids(None) == []


def test_talks_of_somebody_who_moved_stay_with_the_old_unit(world: World) -> None:
    old = make_talk(world.rep_a1)
    actions.move_user(world.rep_a1, by=world.administrator, unit=world.team_b, role=Role.REP)
    world.rep_a1.refresh_from_db()
    new = make_talk(world.rep_a1)
    seen = lambda user: set(Conversation.objects.visible_to(user).values_list("pk", flat=True))  # noqa: E731
    assert seen(world.manager_a) == {old.pk}
    assert seen(world.manager_b) == {new.pk}
    assert seen(world.rep_a1) == {old.pk, new.pk}


def test_a_manager_who_was_moved_sees_only_the_new_team_and_the_own_old_talks(world: World) -> None:
    own = make_talk(world.manager_a)
    make_talk(world.rep_a1)
    actions.move_user(world.manager_a, by=world.administrator, unit=world.team_b, role=Role.MANAGER)
    world.manager_a.refresh_from_db()
    theirs = make_talk(world.rep_b1)
    seen = set(Conversation.objects.visible_to(world.manager_a).values_list("pk", flat=True))
    assert seen == {own.pk, theirs.pk}


def test_somebody_without_a_unit_or_without_access_sees_nothing_of_others(world: World) -> None:
    make_talk(world.rep_a1)
    lost = make_talk(None)  # nobody's talk in no unit
    User.objects.filter(pk=world.manager_a.pk).update(unit=None)
    manager = User.objects.get(pk=world.manager_a.pk)
    assert not Conversation.objects.visible_to(manager).exists()
    world.executive.is_active = False
    assert not Conversation.objects.visible_to(world.executive).exists()
    assert lost in Conversation.objects.visible_to(world.inspector)


def test_customers_follow_owner_and_unit(world: World) -> None:
    seen = {
        user.username: set(Customer.objects.visible_to(user).values_list("name", flat=True))
        for user in world.users
    }
    both = {world.customer_a.name, world.customer_b.name}
    assert seen.pop("rep_a1") == seen.pop("manager_a") == {world.customer_a.name}
    assert seen.pop("rep_b1") == seen.pop("manager_b") == {world.customer_b.name}
    assert seen.pop("executive") == seen.pop("customer_department") == both
    assert set(map(len, seen.values())) == {0}


def test_people_and_units_in_view(world: World) -> None:
    assert set(visible_users(world.manager_a)) == {world.manager_a, world.rep_a1, world.rep_a2}
    assert set(visible_users(world.rep_a1)) == {world.rep_a1}
    assert set(visible_reps(world.inspector)) == {
        u for u in world.users if u.role in (Role.REP, Role.MANAGER)
    }
    assert set(visible_units(world.manager_a)) == {world.team_a}
    assert not visible_units(world.rep_a1).exists()
    User.objects.filter(pk=world.rep_a2.pk).update(is_active=False)
    assert world.rep_a2 not in visible_reps(world.manager_a)


def test_who_may_do_whose_work(world: World) -> None:
    assert may_act_for(world.rep_a1, world.rep_a1)
    assert may_act_for(world.manager_a, world.rep_a1)
    for user in (world.rep_a2, world.manager_b, world.executive, world.inspector, world.administrator):
        assert not may_act_for(user, world.rep_a1)


def test_the_tree_takes_two_queries_whatever_its_size(
    world: World, django_assert_num_queries: object
) -> None:
    for number in range(30):
        make_unit(f"组{number}", "team", world.region)
    with django_assert_num_queries(2):  # type: ignore[operator]
        roots = organisation(world.administrator)
    assert [node.unit for node in roots] == [world.company]
    region = roots[0].children[0]
    assert len(region.children) == 32
    team_a = next(node for node in region.children if node.unit == world.team_a)
    assert {m.username for m in team_a.members} == {"manager_a", "rep_a1", "rep_a2"}
