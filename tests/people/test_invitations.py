"""First passwords: who comes in by a table, or forgot, chooses at an address of his own that opens once."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from shengce.people import actions
from shengce.people.models import AuditEntry, User
from tests.world import PASSWORD, World

CHOSEN = {"new_password1": "three-blue-kettles", "new_password2": "three-blue-kettles"}


@pytest.fixture
def newcomer(world: World) -> User:
    return actions.create_user(
        by=world.administrator,
        username="S001",
        password=None,
        display_name="周航",
        role="rep",
        unit=world.team_a,
    )


def form_behind(client: Client, address: str) -> str:
    """Where the invitation leads: the token moves into the session, out of the address."""
    answer = client.get(address)
    assert answer.status_code == 302
    return str(answer["Location"])


def handed_out(world: World, member: User) -> str:
    office = Client()
    office.force_login(world.administrator)
    answer = office.post(f"/people/{member.pk}/invitation/")
    return str(answer.context["address"]).removeprefix("http://testserver")


def test_the_list_of_addresses_and_the_first_day(world: World, newcomer: User, client: Client) -> None:
    office = Client()
    office.force_login(world.administrator)
    assert office.get("/people/invitations/").context["count"] == 1
    answer = office.post("/people/invitations/")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, line = sheet.iter_rows(values_only=True)
    assert head == ("部门", "姓名", "用户名", "设置首次密码的地址")
    unit, name, username, address = line
    assert (unit, name, username) == (world.team_a.name, "周航", "S001")
    form = form_behind(client, address.removeprefix("http://testserver"))
    page = client.get(form)
    assert "S001" in page.text
    assert client.post(form, CHOSEN)["Location"] == "/"
    assert client.get("/", follow=True).status_code == 200
    newcomer.refresh_from_db()
    assert newcomer.check_password(CHOSEN["new_password1"])
    assert AuditEntry.objects.get(action="user.password_chosen").by == newcomer
    assert office.get("/people/invitations/").context["count"] == 0


def test_an_address_opens_once(world: World, newcomer: User, client: Client) -> None:
    address = handed_out(world, newcomer)
    client.post(form_behind(client, address), CHOSEN)
    late = Client().get(address)
    assert late.status_code == 200
    assert "打不开" in late.text or "失效" in late.text
    assert not late.context["validlink"]


def test_a_poor_password_is_refused_in_words(world: World, newcomer: User, client: Client) -> None:
    form = form_behind(client, handed_out(world, newcomer))
    answer = client.post(form, {"new_password1": "12345678", "new_password2": "12345678"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_who_may_not_sign_in_is_not_invited_and_an_old_address_is_shut(
    world: World, newcomer: User, client: Client
) -> None:
    address = handed_out(world, newcomer)
    actions.update_user(newcomer, by=world.administrator, display_name="周航", phone="", is_active=False)
    assert not client.get(address).context["validlink"]
    client.force_login(world.administrator)
    assert client.post(f"/people/{newcomer.pk}/invitation/").status_code == 422


@pytest.mark.parametrize("name", ["manager_a", "executive", "rep_a1"])
def test_others_hand_out_nothing(world: World, newcomer: User, client: Client, name: str) -> None:
    client.force_login(getattr(world, name))
    assert client.get("/people/invitations/").status_code == 403
    assert client.post("/people/invitations/").status_code == 403
    assert client.post(f"/people/{newcomer.pk}/invitation/").status_code == 403


def test_ones_own_password(world: World, client: Client) -> None:
    elsewhere = Client()
    client.force_login(world.rep_a1)
    elsewhere.force_login(world.rep_a1)
    assert client.get("/people/password/").status_code == 200
    wrong = client.post("/people/password/", {"old_password": "wrong", **CHOSEN})
    assert "old_password" in wrong.context["form"].errors
    assert client.post("/people/password/", {"old_password": PASSWORD, **CHOSEN})["Location"] == "/"
    assert client.get("/my-day/").status_code == 200
    assert elsewhere.get("/my-day/").status_code == 302
    world.rep_a1.refresh_from_db()
    assert world.rep_a1.check_password(CHOSEN["new_password1"])
