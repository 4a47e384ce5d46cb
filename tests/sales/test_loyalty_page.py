"""The pages of loyalty: pictures, table, win-back list, the button, the exports, and questions that make no sense."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.sales import loyalty
from shengce.sales.models import Order, StandingRun
from shengce.visits.models import Task
from tests.sales import test_loyalty as lines
from tests.talks import make_fact
from tests.world import World

TODAY = timezone.localdate()
MOST = 12  # session and person among them
ADDRESSES = ("/loyalty/", "/loyalty/win-back/", "/loyalty/table/", "/loyalty/win-back/table/")


@pytest.fixture(autouse=True)
def _from_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that make orders count their days from today, as the pages do."""
    monkeypatch.setattr(lines, "TODAY", TODAY)


@pytest.fixture
def away(world: World) -> World:
    """customer_a has not ordered for 260 days and said why; customer_b ordered last week."""
    lines.ordered(world.customer_a, 300, 280, 260, total=5000)
    lines.ordered(world.customer_b, 30, 7, total=100)
    lines.heard(world.customer_a, world.rep_a1, 250)
    lines.compute(TODAY)
    return world


def page(client: Client, user: User, address: str = "/loyalty/") -> str:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.text


def test_the_page_shows_ones_customers_with_reasons_that_play(away: World, client: Client) -> None:
    text = page(client, away.manager_a)
    assert "云海大酒店" in text
    assert "松岭学校" not in text
    assert "价格太贵了" in text
    assert 'class="play"' in text
    assert text.count("<figure") == 4
    for link in ("?activity=lost", "?class=A", "?sort=-stake", "/loyalty/win-back/"):
        assert link in text, link
    assert f'href="/customers/{away.customer_a.pk}/" tabindex="-1"' in text  # a point of the cloud
    other = page(client, away.manager_b)
    assert "云海大酒店" not in other
    assert "价格太贵了" not in other


def test_the_customer_department_hears_the_reason(away: World, client: Client) -> None:
    text = page(client, away.customer_department)
    assert "价格太贵了" in text and 'class="play"' in text
    assert f"/win-back/{away.customer_a.pk}/" not in text  # tasks are for those who sell


def test_figures_lead_to_their_rows(away: World, client: Client) -> None:
    def rows(query: str) -> list[str]:
        text = page(client, away.executive, f"/loyalty/{query}")
        table = text.split('id="table"')[1]
        return re.findall(r'class="title wrap-any" href="/customers/\d+/">([^<]+)<', table)

    month = (TODAY - lines.dt.timedelta(days=260)).strftime("%Y-%m")
    assert set(rows("")) == {"云海大酒店", "松岭学校"}
    assert rows("?activity=lost") == rows("?class=A") == rows(f"?left={month}") == ["云海大酒店"]
    assert rows("?activity=new") == rows("?q=松岭") == rows(f"?owner={away.rep_b1.pk}") == ["松岭学校"]
    assert rows("?sort=name")[::-1] == rows("?sort=-name")
    assert rows("?activity=dormant") == []


def test_before_anything_was_computed_the_page_says_what_to_do(world: World, client: Client) -> None:
    text = page(client, world.customer_department)
    assert "/loyalty/compute/" in text
    assert "/loyalty/compute/" not in page(client, world.manager_a)
    page(client, world.manager_a, "/loyalty/win-back/")
    lines.ordered(world.customer_b, 3)
    client.force_login(world.customer_department)
    assert client.post("/loyalty/compute/", follow=True).status_code == 200
    assert StandingRun.objects.get().made_by == world.customer_department
    assert "松岭学校" in page(client, world.customer_department)
    assert "figures" not in page(client, world.manager_a)  # computed, and none of hers has ordered


def test_the_button_makes_one_task_a_month(away: World, client: Client) -> None:
    address = f"/loyalty/win-back/{away.customer_a.pk}/"
    assert address in page(client, away.manager_a)
    client.post(address)
    task = Task.objects.get()
    assert (task.owner, task.customer, task.fact) == (away.rep_a1, away.customer_a, lines.Fact.objects.get())
    assert "云海大酒店" in task.title
    assert task.due_at is not None
    assert address not in page(client, away.manager_a)
    answer = client.post(address, follow=True)
    assert 'class="message error"' in answer.text
    assert Task.objects.count() == 1


def test_the_button_by_htmx_answers_with_the_row(away: World, client: Client) -> None:
    client.force_login(away.rep_a1)
    answer = client.post(f"/loyalty/win-back/{away.customer_a.pk}/", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith(f'<li class="stack-s" id="win-back-{away.customer_a.pk}"')
    assert "<form" not in answer.text
    assert Task.objects.get().owner == away.rep_a1


def test_where_the_manager_should_call_a_rep_makes_no_task(away: World, client: Client) -> None:
    talk = lines.Fact.objects.get().conversation
    make_fact(talk, "complaint", {"about": "staff"}, "价格太贵了", extractor="x/1")
    lines.compute(TODAY)
    address = f"/loyalty/win-back/{away.customer_a.pk}/"
    assert address not in page(client, away.rep_a1)
    assert client.post(address).status_code == 403
    assert loyalty.standing_of(away.customer_a).win_back_on is None  # type: ignore[union-attr]
    client.force_login(away.manager_a)
    client.post(address)
    assert Task.objects.get().owner == away.manager_a


def test_without_an_owner_the_nearest_manager_is_asked(away: World, client: Client) -> None:
    User.objects.filter(pk=away.manager_a.pk).update(unit=away.region)
    Customer.objects.filter(pk=away.customer_a.pk).update(owner=None)
    client.force_login(User.objects.get(pk=away.manager_a.pk))
    client.post(f"/loyalty/win-back/{away.customer_a.pk}/")
    assert Task.objects.get().owner == away.manager_a


def test_exports_hold_the_filtered_rows_and_no_formulas(away: World, client: Client) -> None:
    Customer.objects.filter(pk=away.customer_b.pk).update(name="=cmd|' /C calc'!A0")
    client.force_login(away.executive)

    def table(address: str) -> list[list[str]]:
        body = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(body)))

    rows = table("/loyalty/table/")
    assert len(rows) == 3
    assert {row[0] for row in rows[1:]} == {"云海大酒店", "'=cmd|' /C calc'!A0"}
    assert [row[0] for row in table("/loyalty/table/?activity=lost")[1:]] == ["云海大酒店"]
    lost = table("/loyalty/win-back/table/")
    assert [len(row) for row in lost] == [10, 10]
    assert "价格太贵了" in lost[1][8]
    assert client.get("/loyalty/table/?format=xlsx")["Content-Type"].endswith("sheet")


@pytest.mark.parametrize(
    "query",
    ["?page=99999999999999999999", "?page=-1", "?owner=x", "?owner=99999999999999999999", "?sort=%00", "?won=2026-13",
     "?left=x", "?won=99999-01", "?activity=%00", "?q=%00", "?class=Z", "?format=exe", "?q=" + "x" * 5000],
)  # fmt: skip
def test_senseless_questions_are_answered(away: World, client: Client, query: str) -> None:
    client.force_login(away.manager_a)
    for address in ADDRESSES:
        assert client.get(address + query).status_code == 200


def test_pages_cost_the_same_whatever_they_show(world: World, client: Client) -> None:
    costs: dict[str, list[int]] = {address: [] for address in ADDRESSES}
    client.force_login(world.manager_a)
    for number in (3, 12):
        for i in range(number):
            customer = Customer.objects.create(name=f"远{number}{i}", owner=world.rep_a1, unit=world.team_a)
            lines.ordered(customer, 300, 280, 260)
            lines.heard(customer, world.rep_a1, 250)
        lines.compute(TODAY)
        for address in ADDRESSES:
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert len(body) > 100
            costs[address].append(len(asked))
    assert all(few == many <= MOST for few, many in costs.values()), costs


def test_the_page_is_complete_in_both_languages(away: World, client: Client) -> None:
    chinese = page(client, away.manager_a)
    client.post("/i18n/setlang/", {"language": "en"})
    english = page(client, away.manager_a)
    assert "Who should call" in english
    assert "Who should call" not in chinese
    assert "谁来打电话" in chinese
    assert Order.objects.count() == 5
