"""The door: password, lockout, where one lands, and the way out."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from shengce.people.models import Role, User
from tests.world import PASSWORD, World

SIGN_IN = "/people/sign-in/"


def sign_in(client: Client, username: str = "rep_a1", password: str = PASSWORD, **extra: str) -> object:
    return client.post(SIGN_IN, {"username": username, "password": password, **extra})


HOMES = {
    "rep_a1": "/my-day/",
    "manager_a": "/cockpit/",
    "executive": "/cockpit/",
    "inspector": "/conversations/",
    "marketing": "/catalogue/",
    "administrator": "/recordings/",
    "customer_department": "/service/",
}


@pytest.mark.parametrize(("name", "home"), HOMES.items())
def test_everyone_lands_where_the_work_starts(world: World, client: Client, name: str, home: str) -> None:
    response = sign_in(client, name)
    assert response.status_code == 302
    assert response["Location"] == reverse("web:home")
    assert client.get("/")["Location"] == home
    assert client.get(home).status_code == 200


def test_a_role_without_pages_is_welcomed(world: World, client: Client) -> None:
    User.objects.filter(pk=world.rep_a1.pk).update(role=Role.TRAINER)
    sign_in(client)
    assert client.get("/")["Location"] == "/welcome/"
    assert client.get("/welcome/").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("rep_a1", "wrong"),
        ("rep_a1", ""),
        ("rep_a1", PASSWORD + " "),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("rep_a1\x00", PASSWORD),
        ("rep_a1", "\x00"),
        ("x" * 151, PASSWORD),
        ("x" * 100_000, "y" * 100_000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_a_wrong_pair_stays_outside_with_words(
    world: World, client: Client, username: str, password: str
) -> None:
    response = sign_in(client, username, password)
    assert response.status_code == 200
    assert 'role="alert"' in response.text
    assert client.get("/").url.startswith(SIGN_IN)


def test_a_deactivated_person_stays_outside(world: World, client: Client) -> None:
    User.objects.filter(pk=world.rep_a1.pk).update(is_active=False)
    assert sign_in(client).status_code == 200
    assert client.get("/").url.startswith(SIGN_IN)


def test_ten_wrong_passwords_lock_this_name_here_and_nobody_else(world: World, client: Client) -> None:
    for _try in range(settings.AXES_FAILURE_LIMIT):
        response = sign_in(client, password="wrong")
    assert response.status_code == 429
    assert "<h1>" in response.text
    assert sign_in(client).status_code == 429  # the right password does not open it either
    assert sign_in(Client(), "rep_b1").status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    assert sign_in(elsewhere).status_code == 302


def test_success_forgets_the_failures_before(world: World, client: Client) -> None:
    for _round in range(2):
        for _try in range(settings.AXES_FAILURE_LIMIT - 1):
            assert sign_in(client, password="wrong").status_code == 200
        assert sign_in(client).status_code == 302
        client.post("/people/sign-out/")


@pytest.mark.parametrize("header", ["x" * 5000, "中文", "a\x01b", ""])
def test_strange_browsers_get_an_answer(world: World, header: str) -> None:
    client = Client(HTTP_USER_AGENT=header, HTTP_ACCEPT=header)
    assert sign_in(client, password="wrong").status_code == 200
    assert sign_in(client).status_code == 302


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/search/?q=%E4%BB%B7%E6%A0%BC", "/search/?q=%E4%BB%B7%E6%A0%BC"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http:///evil.example", "/"),
        ("\x00", "/"),
    ],
)
def test_next_leads_nowhere_else(world: World, client: Client, target: str, location: str) -> None:
    assert sign_in(client, next=target)["Location"] == location


def test_the_door_remembers_where_one_wanted_to_go(world: World, client: Client) -> None:
    asked = client.get("/search/?q=x")
    assert asked.status_code == 302
    page = client.get(asked["Location"])
    assert page.status_code == 200
    assert 'name="next" value="/search/?q=x"' in page.text


def test_signing_in_twice_and_signing_out(world: World, client: Client) -> None:
    sign_in(client)
    assert client.get(SIGN_IN).status_code == 302
    assert client.get("/people/sign-out/").status_code == 405  # a picture on another site cannot sign one out
    assert client.post("/people/sign-out/")["Location"] == SIGN_IN
    assert client.get("/").url.startswith(SIGN_IN)


def test_forms_need_their_token(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    strict.force_login(world.rep_a1)
    assert strict.post("/theme/", {"theme": "dark"}).status_code == 403


def test_the_language_is_switched_and_kept(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    chinese = client.get("/search/").text
    assert '<html lang="zh-hans"' in chinese
    switched = client.post("/i18n/setlang/", {"language": "en", "next": "/search/"})
    assert switched["Location"] == "/search/"
    english = client.get("/search/").text
    assert '<html lang="en"' in english
    assert "Search what was said" in english
    outside = client.post("/i18n/setlang/", {"language": "tlh", "next": "https://evil.example/"})
    assert outside["Location"] == "/"
    assert '<html lang="en"' in client.get("/search/").text
