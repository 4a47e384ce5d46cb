"""Pages of people and organisation, for each role."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from shengce.people.actions import create_unit
from shengce.people.models import Posting, Role, Unit, User
from shengce.people.queries import SHOWN_AT_ONCE
from tests.world import PASSWORD, World

MAY_SEE = {"administrator", "executive", "manager_a", "manager_b"}


def test_the_tree_for_each_role(world: World, client: Client) -> None:
    for user in world.users:
        client.force_login(user)
        response = client.get("/people/")
        assert response.status_code == (200 if user.username in MAY_SEE else 403)
    client.force_login(world.manager_a)
    page = client.get("/people/").text
    assert "林晓" in page
    assert "陈果" not in page
    assert "/people/new/" not in page
    client.force_login(world.administrator)
    page = client.get("/people/").text
    assert "陈果" in page
    assert "/people/new/" in page


def test_a_large_firm_is_opened_unit_by_unit_and_searched(world: World, client: Client) -> None:
    User.objects.bulk_create(
        User(username=f"n{n}", display_name=f"新人{n}", role=Role.REP, unit=world.team_b)
        for n in range(SHOWN_AT_ONCE)
    )
    client.force_login(world.administrator)
    page = client.get("/people/").text
    assert "新人7" not in page
    assert f"?unit={world.team_b.pk}#" in page
    page = client.get("/people/", {"unit": world.team_b.pk}).text
    assert "新人7" in page
    assert "林晓" not in page
    found = client.get("/people/", {"q": "新人29"}).context["found"]
    assert [person.username for person in found] == ["n29", *(f"n29{n}" for n in range(10))]
    assert [person.username for person in client.get("/people/", {"q": "REP_a1"}).context["found"]] == [
        "rep_a1"
    ]
    client.force_login(world.manager_a)
    assert client.get("/people/", {"q": "新人"}).context["found"] == []
    for odd in ("\x00", "%", "x" * 10_000, "'"):
        assert client.get("/people/", {"q": odd, "unit": odd}).status_code == 200


def test_one_person_is_shown_within_the_scope(world: World, client: Client) -> None:
    client.force_login(world.manager_a)
    assert client.get(f"/people/{world.rep_a1.pk}/").status_code == 200
    assert client.get(f"/people/{world.rep_b1.pk}/").status_code == 404
    assert client.get("/people/99999999999999999999999/").status_code == 404
    client.force_login(world.rep_a1)
    assert client.get(f"/people/{world.rep_a1.pk}/").status_code == 403


def test_an_administrator_adds_and_changes_people(world: World, client: Client) -> None:
    client.force_login(world.administrator)
    form = {"display_name": "新人", "username": "neu", "password": PASSWORD, "phone": "139 0000 0099"}
    response = client.post("/people/new/", {**form, "role": "rep", "unit": world.team_a.pk})
    assert response.status_code == 302
    person = User.objects.get(username="neu")
    assert (person.role, person.unit, person.phone) == (Role.REP, world.team_a, "13900000099")
    here = f"/people/{person.pk}/"
    client.post(f"{here}details/", {"display_name": "<b>改名</b>", "phone": "", "is_active": "on"})
    assert "&lt;b&gt;改名&lt;/b&gt;" in client.get(here).text
    today = timezone.localdate().isoformat()
    moved = client.post(f"{here}place/", {"role": "manager", "unit": world.team_b.pk, "on": today})
    assert moved.status_code == 302
    assert Posting.objects.filter(user=person).count() == 2
    assert client.post(f"{here}password/", {"password": "the-next-good-one-5"}).status_code == 302
    person.refresh_from_db()
    assert person.check_password("the-next-good-one-5")
    unit = client.post("/people/units/new/", {"name": "新组", "kind": "team", "parent": world.region.pk})
    assert unit.status_code == 302
    assert Unit.objects.get(name="新组").parent == world.region


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("details", {"display_name": ""}),
        ("details", {"display_name": "a\x00b", "is_active": "on"}),
        ("details", {"display_name": "x" * 51, "is_active": "on"}),
        ("details", {"display_name": "x", "phone": "no number", "is_active": "on"}),
        ("place", {"role": "king", "unit": "1", "on": "2026-01-01"}),
        ("place", {"role": "rep", "unit": "99999999999999999999999", "on": "2026-01-01"}),
        ("place", {"role": "rep", "unit": "\x00", "on": "2026-01-01"}),
        ("place", {"role": "rep", "on": "9999-12-31"}),
        ("place", {"role": "rep", "on": "nonsense"}),
        ("password", {"password": "123"}),
        ("password", {"password": ""}),
        ("password", {}),
    ],
)
def test_bad_input_comes_back_with_words(
    world: World, client: Client, what: str, form: dict[str, str]
) -> None:
    client.force_login(world.administrator)
    response = client.post(f"/people/{world.rep_a1.pk}/{what}/", form)
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    before = world.rep_a1.display_name
    world.rep_a1.refresh_from_db()
    assert world.rep_a1.display_name == before
    assert world.rep_a1.check_password(PASSWORD)


def test_bad_new_people_come_back_with_words(world: World, client: Client) -> None:
    client.force_login(world.administrator)
    for form in (
        {"display_name": ""},
        {"username": "rep_a1", "display_name": "x", "password": PASSWORD, "role": "rep"},
    ):
        response = client.post("/people/new/", form)
        assert response.status_code == 422
        assert 'role="alert"' in response.text
    assert client.post("/people/units/new/", {"name": "x"}).status_code == 422
    assert client.get("/people/new/?unit=abc").status_code == 200
    assert client.get("/people/units/new/?parent=\x00").status_code == 200


def test_nobody_else_changes_people(world: World, client: Client) -> None:
    for user in (world.manager_a, world.executive, world.rep_a1, world.inspector, world.marketing):
        client.force_login(user)
        for address in ("/people/new/", "/people/units/new/"):
            assert client.get(address).status_code == 403
            assert client.post(address, {"name": "x"}).status_code == 403
        for what in ("details", "place", "password"):
            assert client.post(f"/people/{world.rep_a1.pk}/{what}/", {}).status_code == 403


def test_a_new_password_of_ones_own_keeps_one_signed_in(world: World, client: Client) -> None:
    client.force_login(world.administrator)
    address = f"/people/{world.administrator.pk}/password/"
    assert client.post(address, {"password": "my-own-fresh-one-6"}).status_code == 302
    assert client.get("/people/").status_code == 200


def test_a_persons_new_password_ends_that_persons_sessions(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    boss = Client()
    boss.force_login(world.administrator)
    boss.post(f"/people/{world.rep_a1.pk}/password/", {"password": "set-by-the-admin-4"})
    assert client.get("/conversations/").status_code == 302


def test_names_of_all_kinds_are_shown_as_they_are(
    world: World, client: Client, naughty_strings: list[str]
) -> None:
    client.force_login(world.administrator)
    names = [s for s in naughty_strings if s.strip() and len(s) <= 50 and "\x00" not in s]
    for name in names:
        unit = create_unit(by=world.administrator, name=name, kind="team", parent=world.region)
        unit.refresh_from_db()
        assert unit.name == name
    page = client.get("/people/").text
    for name in names:
        assert escape(name) in page
