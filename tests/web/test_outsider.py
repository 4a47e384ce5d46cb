"""Every address of the house, asked by people who have no business there, and by those who have.

The table names each route once. A route that is missing from it fails the test: whoever adds an address says here who
may read it and who may send to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from shengce.customers.actions import set_card_field
from shengce.inspection import cards
from shengce.inspection.models import Alert, ScoreCardVersion
from shengce.people.absences import record_absence
from shengce.people.models import Unit, User
from shengce.proposals.actions import accept
from shengce.proposals.models import Proposal
from shengce.recordings import files
from shengce.sheets.actions import add_line, draft_daily_report, submit_paper
from shengce.sheets.models import Paper
from shengce.visits.models import Task
from tests.routes import (
    api,
    attainment,
    channel,
    claims,
    customers,
    exchange,
    loyalty,
    plans,
    sales,
    service,
    spine,
    targets,
    visits,
)
from tests.routes import cards as card_routes
from tests.routes.route import CLERK, HEARERS, Route
from tests.talks import CARD, make_full_talk
from tests.world import PASSWORD, World

TABLES = (
    spine,
    customers,
    card_routes,
    sales,
    loyalty,
    channel,
    service,
    plans,
    targets,
    attainment,
    visits,
    claims,
    exchange,
    api,
)
ROUTES: dict[str, Route] = {name: route for table in TABLES for name, route in table.ROUTES.items()}

FORM = {
    # what an outsider would send: valid for most forms, so that only the scope stands in the way
    "name": "外人", "kind": "dealer", "city": "", "industry": "", "text": "外人写的", "role": "customer",
    "speaker": "rep", "field": "need", "value": "外人", "section": "results", "comment": "外人", "theme": "dark",
    "display_name": "外人", "username": "aussen", "password": PASSWORD, "on": "2026-01-01", "from_stage": "",
    "language": "zh-hans", "aliases": "", "customer": "", "next": "/",
}  # fmt: skip
SECRETS = (
    "云海大酒店",
    "刘经理",
    "13812340001",
    "价格太贵了",
    "蓝泉才四千五",
    "三年不坏",
    "把方案发给您",
    "二十万",
    "暗号九七",
)
WATCHED = (
    "recordings",
    "facts",
    "proposals",
    "sheets",
    "customers",
    "visits",
    "sales",
    "market",
    "channel",
    "service",
    "plans",
    "exchange",
    "targets",
    "catalogue.Price",
    "people.User",
    "people.Absence",
)


def routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}", entry


def test_every_route_is_in_the_table() -> None:
    known = [name for name, _pattern in routes(get_resolver())]
    assert sorted(known) == sorted(ROUTES)
    assert len(known) == len(set(known))


@dataclass
class House:
    """The world with one of everything that belongs to team A."""

    world: World
    args: dict[str, Any]
    users: dict[str, User]

    def address(self, name: str) -> str:
        route = ROUTES[name]
        query = route.query.format(**self.args)
        return reverse(name, args=[self.args[arg] for arg in route.args]) + query


@pytest.fixture
def house(world: World, client: Client) -> House:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    files.write(talk.recording.file, b"RIFF" + bytes(1000))
    files.write(files.peaks_key(talk.recording), bytes(64))
    for proposal in Proposal.objects.filter(conversation=talk).exclude(target="signal"):
        accept(proposal, by=world.rep_a1)
    set_card_field(world.customer_a, "note", "三年不坏", by=world.rep_a1)
    report = draft_daily_report(world.rep_a1, timezone.localdate())
    line = add_line(report, by=world.rep_a1, section="results", text="暗号九七")
    submit_paper(report, by=world.rep_a1)
    version = ScoreCardVersion.objects.get()
    draft = cards.create_score_card(name="草稿", data=CARD, by=world.inspector)
    away = record_absence(
        by=world.rep_a1,
        person=world.rep_a1,
        start_on=timezone.localdate(),
        last_on=timezone.localdate(),
        kind="leave",
        note="三年不坏",
    )
    args = {
        "absence": away.pk, "pick": "customer", "talk": talk.pk, "turn": 1, "fact": talk.facts.all()[0].pk, "answer": "reject", "rep": world.rep_a1.pk,
        "unit": world.team_a.pk, "nobody": "MA", "no_token": "x-y", "customer": world.customer_a.pk, "task": Task.objects.get().pk, "alert": Alert.objects.get().pk,
        "place": "place", "paper_code": "market_register", "card_form": "card", "all": "refuse", "card": version.card_id, "number": 1, "draft": draft.pk, "criterion": cards.key_of("greeting"),
        "what": "product", "recording": talk.recording_id, "report": report.pk, "line": line.pk,
        "proposal": Proposal.objects.filter(target="signal")[0].pk,
    }  # fmt: skip
    client.force_login(world.marketing)
    client.post(reverse("catalogue:new", args=["product"]), {"name": "清泉500", "active": "on"})
    args["product"] = apps.get_model("catalogue", "Product").objects.get().pk
    for table in TABLES[1:]:
        args |= table.things(world)
    return House(world, args, {user.username: user for user in world.users})


OPEN_DOORS = ("people:sign_in", "people:welcome")


def everything() -> dict[str, list[Any]]:
    """What stands in the tables that others must not change."""
    models = [m for m in apps.get_models() if m._meta.app_label in WATCHED or m._meta.label in WATCHED]
    assert len(models) > 15
    return {m._meta.label: list(m._default_manager.order_by("pk").values()) for m in models}


def unchanged(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    """Every row is as it was; rows of one's own may have been added."""
    for label, rows in before.items():
        now = {row[key_of(row)]: row for row in after[label]}
        for row in rows:
            row.pop("last_login", None)
            now[row[key_of(row)]].pop("last_login", None)
            assert now.get(row[key_of(row)]) == row, label


def key_of(row: dict[str, Any]) -> str:
    return "id" if "id" in row else next(iter(row))


def text_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode("utf-8", errors="replace")


def test_nobody_gets_in_without_signing_in(house: House, client: Client) -> None:
    client.logout()
    before = everything()
    for name in ROUTES:
        for answer in (client.get(house.address(name)), client.post(house.address(name), FORM)):
            if name in OPEN_DOORS:
                assert answer.status_code == 200
            elif name.startswith("api:") and name != "api:openapi-view":  # programs are not sent to a form
                assert answer.status_code == 401, name
                assert answer.json()["error"]["code"] == "not_signed_in", name
            else:
                assert answer.status_code == 302, name
                assert answer["Location"].startswith("/people/sign-in/"), name
            assert not any(secret in text_of(answer) for secret in SECRETS), name
    unchanged(before, everything())


OUTSIDERS = (
    "rep_b1",
    "rep_a2",
    "manager_b",
    "marketing",
    "customer_department",
    "administrator",
    "inspector",
    "executive",
)
INSIDE = {
    "administrator",
    "inspector",
    "executive",
    "marketing",
    *CLERK,
}  # see some of it: their rights are in the table


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_read_nothing_and_change_nothing(house: House, client: Client, who: str) -> None:
    """Reads by everyone; what nobody but the table's people may send is sent too, and nothing of team A changes."""
    form = {
        **FORM,
        "to": house.users[who].pk,
        "unit": Unit.objects.get(name="苏北二组").pk,
        "rep": house.users[who].pk,
    }
    before = everything()
    for name, route in ROUTES.items():
        client.force_login(house.users[who])
        address = house.address(name)
        answer = client.get(address)
        check(answer, name, route.get, who)
        allowed = route.get is not None and who in route.get
        if not (who in INSIDE and allowed):
            assert not any(secret in text_of(answer) for secret in SECRETS), name
        if route.post is not None and who in route.post and who in INSIDE:
            continue  # what insiders send is tested where it belongs
        answer = client.post(address, form)
        check(answer, name, route.post, who)
        assert not any(secret in text_of(answer) for secret in SECRETS), name
    unchanged(before, everything())


def check(answer: Any, name: str, allowed: set[str] | None, who: str) -> None:
    status = answer.status_code
    if allowed is None:
        assert status == 405 or (status in (403, 404) and who not in HEARERS), (name, status)
    elif who in allowed:
        assert status in (200, 204, 302, 422), (name, status)
    else:
        assert status in (403, 404), (name, who, status)


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "inspector", "executive"])
def test_those_who_may_read_do(house: House, client: Client, who: str) -> None:
    client.force_login(house.users[who])
    for name, route in ROUTES.items():
        if route.get is not None and who in route.get and name not in OPEN_DOORS:
            answer = client.get(house.address(name))
            expected = (302,) if name in ("web:home", "set_language") else (200,)
            assert answer.status_code in expected, (name, answer.status_code)


@pytest.mark.parametrize("who", ["rep_a1", "manager_a"])
def test_those_who_may_send_are_answered(house: House, client: Client, who: str) -> None:
    for name, route in ROUTES.items():
        client.force_login(house.users[who])
        form = {**FORM, **{key: str(value).format(**house.args) for key, value in route.form.items()}}
        check(client.post(house.address(name), form), name, route.post, who)


def test_objects_that_do_not_exist_look_like_those_of_others(house: House, client: Client) -> None:
    """404 for both: an outsider cannot even count."""
    client.force_login(house.users["rep_b1"])
    for name in (
        "web:conversation",
        "web:customer",
        "sheets:report",
        "recordings:recording",
        "customers:edit",
    ):
        theirs = client.get(house.address(name))
        none = client.get(reverse(name, args=[987_654_321]))
        assert theirs.status_code == none.status_code == 404
        huge = client.get(reverse(name, args=[10**30]))
        assert huge.status_code == 404


def test_a_submitted_report_is_seen_a_draft_is_not(house: House, client: Client) -> None:
    Paper.objects.filter(pk=house.args["report"]).update(state=Paper.State.DRAFT)
    for who, status in (("rep_a1", 200), ("manager_a", 404), ("executive", 404)):
        client.force_login(house.users[who])
        assert client.get(house.address("sheets:report")).status_code == status
