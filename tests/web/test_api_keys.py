"""Keys of the JSON API: in whose name they ask, when they open nothing, and the page on which they are made."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from shengce.people import tokens
from shengce.people.models import ApiToken, AuditEntry, User
from tests.sales.books import day
from tests.web.asker import V1, Asker, refusal
from tests.world import World


def test_a_key_asks_in_the_name_of_its_person(world: World) -> None:
    asker = Asker(world.rep_a1)
    assert [row["name"] for row in asker.json("customers")["rows"]] == ["云海大酒店"]
    assert [row["name"] for row in Asker(world.rep_b1).json("customers")["rows"]] == ["松岭学校"]
    assert len(Asker(world.executive).json("customers")["rows"]) == 2


def test_only_the_digest_is_kept(world: World) -> None:
    token, secret = tokens.create_token(by=world.rep_a1, name="报表")
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in str(stored) and len(stored["digest"]) == 64
    assert secret not in str(list(AuditEntry.objects.values()))
    assert len(secret) > 43
    assert tokens.token_of(secret) == token


def unusable(world: World, secret: str) -> None:
    answer = Client().get(f"{V1}/customers", headers={"authorization": f"Bearer {secret}"})
    assert refusal(answer, 401)["code"] == "not_signed_in"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(world: World) -> None:
    asker = Asker(world.rep_a1)
    tokens.revoke_token(asker.token, by=world.rep_a1)
    unusable(world, asker.secret)


def test_a_key_works_until_before_its_last_day(world: World) -> None:
    asker = Asker(world.rep_a1, expires_on=day(-1))
    asker.json("customers")
    ApiToken.objects.update(expires_on=day())
    unusable(world, asker.secret)


def test_a_key_of_somebody_who_left_opens_nothing(world: World) -> None:
    asker = Asker(world.rep_a1)
    User.objects.filter(pk=world.rep_a1.pk).update(is_active=False)
    unusable(world, asker.secret)


def test_a_key_without_the_scope_opens_nothing(world: World) -> None:
    asker = Asker(world.rep_a1)
    ApiToken.objects.update(scopes=[])
    unusable(world, asker.secret)


@pytest.mark.parametrize(
    "secret", ["", "x", "shengce_", "shengce_" + "x" * 43, "shengce_" + "声" * 43, "shengce_" + "x" * 100_000]
)
def test_what_is_no_key_opens_nothing(world: World, secret: str) -> None:
    unusable(world, secret)


def test_a_wrong_key_is_refused_even_with_a_session(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    assert client.get(f"{V1}/customers").status_code == 200
    answer = client.get(f"{V1}/customers", headers={"authorization": "Bearer shengce_" + "x" * 43})
    refusal(answer, 401)


def test_use_is_noted_and_not_at_every_question(world: World) -> None:
    asker = Asker(world.rep_a1)
    asker.json("customers")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    asker.json("customers")
    assert ApiToken.objects.get().last_used_at == first


def test_keys_are_made_and_revoked_by_their_person_only(world: World) -> None:
    token, _secret = tokens.create_token(by=world.rep_a1, name="报表")
    for other in (world.manager_a, world.administrator):
        with pytest.raises(PermissionDenied):
            tokens.revoke_token(token, by=other)
    for name, more in (("", {}), ("x" * 61, {}), ("a", {"expires_on": day()}), ("a", {"scopes": ("write",)})):
        with pytest.raises(ValidationError):
            tokens.create_token(by=world.rep_a1, name=name, **more)
    for number in range(tokens.MOST_TOKENS - 1):
        tokens.create_token(by=world.rep_a1, name=f"{number}")
    with pytest.raises(ValidationError, match="20"):
        tokens.create_token(by=world.rep_a1, name="zu viel")
    tokens.revoke_token(token, by=world.rep_a1)
    tokens.create_token(by=world.rep_a1, name="wieder")
    assert AuditEntry.objects.filter(action="token.revoked").count() == 1


def test_the_page_shows_a_key_once(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    address = reverse("people:tokens")
    answer = client.post(address, {"name": "报表", "expires_on": ""})
    secret = answer.context["secret"]
    assert secret in answer.content.decode() and "no-store" in answer["Cache-Control"]
    assert secret not in client.get(address).content.decode()
    assert tokens.token_of(secret) is not None
    client.force_login(world.rep_b1)
    pk = ApiToken.objects.get().pk
    assert client.post(reverse("people:revoke_token", args=[pk])).status_code == 404
    assert "报表" not in client.get(address).content.decode()
    client.force_login(world.rep_a1)
    assert client.post(reverse("people:revoke_token", args=[pk])).status_code == 302
    assert tokens.token_of(secret) is None


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": "a", "expires_on": "gestern"}, {"name": "a", "expires_on": "2020-01-01"}]
)
def test_the_page_says_what_is_wrong(world: World, client: Client, form: dict[str, str]) -> None:
    client.force_login(world.rep_a1)
    answer = client.post(reverse("people:tokens"), form)
    assert answer.status_code == 422 and answer.context["form"].errors
    assert not ApiToken.objects.exists()
