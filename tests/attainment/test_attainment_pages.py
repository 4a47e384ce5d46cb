"""The pages of plan against actual: numbers, drill-down, scope, wrong addresses, the talk behind a gap and its task."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.attainment import actions
from shengce.attainment.counting import refresh
from shengce.attainment.gap_talks import talks_behind
from shengce.attainment.queries import month_shares
from shengce.catalogue.models import Product, ProductLine
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import User
from shengce.people.working_days import working_calendar
from shengce.planning.periods import FiscalYear, Span
from shengce.planning.working_time import Calendar
from shengce.sales.models import Order, OrderLine
from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.metrics import built_in
from shengce.targets.versions import create_target_set
from shengce.visits.models import Task
from tests.talks import make_full_talk
from tests.world import World


def signed_in(client: Client, name: str) -> Client:
    client.force_login(User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


def test_numbers_of_a_year(client: Client, world: World, year: dict[str, int]) -> None:
    page = signed_in(client, "executive").get("/attainment/?metric=sales&period=year&by=rep")
    found = page.context["found"]
    months = timezone.localdate().month
    assert (found.total.target, found.total.actual) == (1_200_000_00, months * 1000_00)
    assert found.total.attained == pytest.approx(months / 1200)
    assert [(row.key, row.progress.target) for row in found.rows] == [(world.rep_a1.pk, 1_200_000_00)]
    assert "1,200,000" in page.content.decode()


@pytest.mark.parametrize(
    "by", ["unit", "rep", "product_line", "territory", "customer", "settlement_method", "sales_method"]
)
@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_every_dimension_adds_up(
    client: Client, world: World, year: dict[str, int], by: str, period: str
) -> None:
    found = (
        signed_in(client, "executive")
        .get(f"/attainment/?metric=sales&period={period}&by={by}")
        .context["found"]
    )
    assert sum(row.progress.actual for row in found.rows) == found.total.actual
    assert sum(row.progress.target for row in found.rows) == pytest.approx(found.total.target, abs=2)


@pytest.mark.parametrize("name", ["rep_b1", "manager_b"])
def test_others_see_nothing_of_it(client: Client, world: World, year: dict[str, int], name: str) -> None:
    client = signed_in(client, name)
    page = client.get("/attainment/?metric=sales&period=year&by=product_line")
    assert (page.context["found"].total.target, page.context["found"].total.actual) == (0, 0)
    for path in ("", "records/", "target/", "soundness/", "talks/", "table.csv"):
        for where in (f"rep={world.rep_a1.pk}", f"customer={world.customer_a.pk}", f"unit={world.team_a.pk}"):
            assert client.get(f"/attainment/{path}?metric=sales&{where}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "metric=none&by=none&period=none&on=none", "on=1999-01-01", "on=9999-12-31", "page=99999999999999999999", "sort=drop",
        "by=customer&period=week", "metric=gross_profit", "metric=visits&by=product_line", "metric=collections&period=day",
        "on=2026-02-30", "settlement_method=cash",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "target/", "soundness/", "talks/", "table.csv"])
def test_any_address_has_an_answer(
    client: Client, world: World, year: dict[str, int], path: str, query: str
) -> None:
    assert signed_in(client, "executive").get(f"/attainment/{path}?{query}").status_code == 200


@pytest.mark.parametrize(
    "where", ["rep=x", "rep=99999", "unit=-1", "customer=9" * 2, "settlement_method=gold", "product_line=%00"]
)
def test_what_does_not_exist_is_not_found(client: Client, world: World, where: str) -> None:
    assert signed_in(client, "executive").get(f"/attainment/?{where}").status_code == 404


def test_records_are_those_of_the_number(client: Client, world: World, year: dict[str, int]) -> None:
    page = signed_in(client, "rep_a1").get(
        f"/attainment/records/?metric=sales&period=month&product_line={year['line']}"
    )
    assert [row.order.number for row in page.context["page"]] == ["暗0"]
    assert client.get("/attainment/records/?metric=gross_profit").status_code == 403


def test_outlook_says_range_and_verdict(client: Client, world: World, year: dict[str, int]) -> None:
    page = signed_in(client, "manager_a").get("/attainment/target/?metric=sales&period=year")
    found = page.context["found"]
    assert found.expected.mean == pytest.approx(12 * 1000_00, rel=0.03)  # the present month by its pace too
    assert found.judgement.verdict == "unreal"
    assert "Unreal" in page.content.decode()
    short = client.get("/attainment/target/?metric=collections&period=year")
    assert "No forecast" in short.content.decode()


def test_every_past_month_opens_its_records(client: Client, world: World, year: dict[str, int]) -> None:
    page = signed_in(client, "executive").get(
        f"/attainment/target/?metric=sales&period=year&rep={world.rep_a1.pk}"
    )
    seen, others = page.context["past"]
    assert len(seen) == 12 and others
    for row in seen[:3] + others[:1]:
        assert f'href="/attainment/records/{row.link.replace("&", "&amp;")}"' in page.content.decode()
        records = client.get(f"/attainment/records/{row.link}").context["page"]
        assert sum(int(each.amount * 100) for each in records) == row.reached == 1000_00
        assert {each.order.ordered_on.replace(day=1) for each in records} == {row.first}
    assert seen[0].planned == (None if timezone.localdate().month == 1 else 100_000_00)


def test_a_draft_is_judged_before_it_is_approved(client: Client, world: World, year: dict[str, int]) -> None:
    start = timezone.localdate().replace(month=1, day=1)
    draft = create_target_set(by=world.executive, name="明年", start_on=start.replace(year=start.year + 1))
    cell = Cell({"rep": world.rep_a1.pk})
    type_figure(draft, built_in("sales"), cell, by=world.executive, total=12_000_00)
    address = f"/attainment/soundness/?metric=sales&period=year&by=rep&version={draft.pk}"
    page = signed_in(client, "executive").get(address)
    ((_line, its, verdict, _reason),) = page.context["rows"]
    assert its.target == 12_000_00 and its.expected.mean == pytest.approx(12_000_00, rel=0.05)
    assert verdict["name"] == "Sound"
    assert "Draft" in page.content.decode()
    target = client.get(f"/attainment/target/{page.context['rows'][0][0].cell}")
    assert target.context["found"].target == 12_000_00
    grid = client.get(f"/targets/{draft.pk}/?cell=rep-{world.rep_a1.pk}&rows=rep").content.decode()
    assert f"/attainment/target/?metric=sales&amp;version={draft.pk}&amp;period=year" in grid
    assert signed_in(client, "rep_a1").get(address).status_code == 404
    assert client.get("/attainment/soundness/?version=999999").status_code == 404


def test_few_queries_whatever_the_rows(client: Client, world: World, year: dict[str, int]) -> None:
    signed_in(client, "executive")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/attainment/?metric=sales&period=year&by=customer")
        return len(queries)

    count()
    before = count()
    for number in range(20):
        customer = Customer.objects.create(name=f"新{number}", owner=world.rep_a2, unit=world.team_a)
        order = Order.objects.create(
            number=f"新{number}",
            customer=customer,
            rep=world.rep_a2,
            unit=world.team_a,
            ordered_on=timezone.localdate(),
        )
        OrderLine.objects.create(order=order, product=Product.objects.get(), quantity=1, price=1, amount=1)
    refresh(today=timezone.localdate())
    assert count() == before <= 18


def test_shares_of_a_year_add_up(db: None) -> None:
    calendar = Calendar(working_calendar().zone)
    year = FiscalYear(dt.date(2025, 7, 1))
    assert month_shares(year, year.span, calendar) == (1.0,) * 12
    halves = [
        Span(dt.date(2025, 10, 1), dt.date(2025, 10, 15)),
        Span(dt.date(2025, 10, 15), dt.date(2025, 11, 1)),
    ]
    assert sum(month_shares(year, half, calendar)[3] for half in halves) == pytest.approx(1)


def test_who_was_asked_refused_and_promised(world: World, line: ProductLine, year: dict[str, int]) -> None:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    silent = Customer.objects.create(name="没问过", owner=world.rep_a1, unit=world.team_a)
    span = Span(timezone.localdate().replace(day=1), timezone.localdate() + dt.timedelta(days=1))
    found = talks_behind("sales", where={"rep": world.rep_a1.pk}, span=span, user=world.manager_a)
    assert [row.customer for row in found.never_asked] == [silent]
    assert [fact.kind for row in found.refused for fact in row.refusals] == ["objection"]
    assert all(fact.conversation_id == talk.pk for row in found.promised for fact in row.promises)
    unheard = talks_behind("sales", where={"product_line": line.pk}, span=span, user=world.manager_a)
    assert {row.customer for row in unheard.never_asked} >= {world.customer_a, silent}  # nobody said 云瀑
    assert not talks_behind("sales", where={}, span=span, user=world.manager_b).refused


def test_one_tap_plans_a_talk_once(client: Client, world: World) -> None:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    fact = Fact.objects.filter(conversation=talk, kind="objection").first()
    form = {
        "customer": world.customer_a.pk,
        "fact": fact.pk,
        "title": "回应异议",
        "week": "next",
        "back": "https://elsewhere/",
    }
    for _tap in range(2):
        answer = signed_in(client, "manager_a").post("/attainment/plan/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/attainment/talks/")
    task = Task.objects.get(title="回应异议")
    assert (task.owner, task.customer, task.fact) == (world.rep_a1, world.customer_a, fact)
    assert task.due_at > timezone.now()
    assert signed_in(client, "manager_b").post("/attainment/plan/", form).status_code == 404
    assert signed_in(client, "rep_a1").post("/attainment/plan/", form | {"fact": "x" * 30}).status_code == 302
    assert (
        client.post("/attainment/plan/", form | {"title": ""}, headers={"HX-Request": "true"}).status_code
        == 422
    )


def test_a_passage_of_somebody_else_is_refused(world: World) -> None:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    fact = Fact.objects.filter(conversation=talk).first()
    with pytest.raises(PermissionDenied):
        actions.plan_talk(by=world.rep_b1, customer=world.customer_b, title="x", fact=fact)
    mine = Customer.objects.create(name="自己的", owner=world.rep_a1, unit=world.team_a)
    with pytest.raises(ValidationError):
        actions.plan_talk(by=world.rep_a1, customer=mine, title="x", fact=fact)
    orphan = Customer.objects.create(name="没人的")
    with pytest.raises(ValidationError):
        actions.plan_talk(by=world.executive, customer=orphan, title="x")


@pytest.mark.parametrize(
    ("today", "next_week", "due"),
    [
        (dt.date(2025, 9, 29), False, dt.date(2025, 9, 30)),  # the national day begins on Wednesday
        (dt.date(2025, 10, 2), False, dt.date(2025, 10, 11)),  # a Saturday that is worked to make up
        (dt.date(2025, 11, 3), False, dt.date(2025, 11, 7)),
        (dt.date(2025, 11, 3), True, dt.date(2025, 11, 14)),
        (dt.date(2025, 11, 9), False, dt.date(2025, 11, 14)),
    ],
)  # fmt: skip
def test_the_last_working_day_of_the_week(today: dt.date, next_week: bool, due: dt.date) -> None:
    calendar = Calendar(timezone.get_current_timezone())
    assert actions.end_of_week(today, calendar, next_week=next_week).date() == due


def test_the_same_numbers_in_json(client: Client, world: World, year: dict[str, int]) -> None:
    address = "/api/v1/attainment?metric=sales&period=year&by=product_line"
    answer = signed_in(client, "rep_a1").get(address).json()
    months = timezone.localdate().month
    assert (answer["total"]["planned"], answer["total"]["actual"]) == ("1200000.00", f"{months * 1000}.00")
    assert [row["key"] for row in answer["rows"]] == [year["line"]]
    page = client.get("/attainment/?metric=sales&period=year&by=product_line").context
    assert float(answer["total"]["end"]) == pytest.approx(page["end"] / 100, abs=0.01)
    assert float(answer["end_range"]["high"]) == pytest.approx(page["end_range"].high / 100, abs=0.01)
    for period in ("day", "week", "month", "quarter"):
        found = client.get(f"/api/v1/attainment?metric=sales&period={period}&by=customer")
        assert found.status_code == 200
        assert (found.json()["end_range"] is None) == (period == "day")
    assert signed_in(client, "rep_b1").get(address).json()["rows"] == []
    for where in (f"rep={world.rep_a1.pk}", f"customer={world.customer_a.pk}"):
        assert client.get(f"{address}&{where}").status_code == 404
