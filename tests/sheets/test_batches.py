"""Papers drafted many at once say what they say one by one, and few queries read for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.catalogue.models import Product, ProductLine
from shengce.channel.models import Sighting
from shengce.customers.models import Customer, Deal
from shengce.people.models import User
from shengce.sales.models import Invoice, Order, OrderLine, PaymentPromise, Receipt
from shengce.service.models import Ticket
from shengce.sheets import actions
from shengce.sheets.batches import begin_period, draft_papers
from shengce.sheets.forms_of_papers import current, in_force
from shengce.sheets.models import Line, Paper
from shengce.sheets.on_time import on_time
from shengce.targets.models import Metric, TargetRow, TargetSet, TargetVersion
from shengce.visits.models import Appointment, Route, RouteStop, Task, Visit
from tests.talks import make_full_talk
from tests.world import World

WEDNESDAY = dt.date(2026, 3, 18)
NOON = dt.datetime(2026, 3, 18, 12, tzinfo=timezone.get_fixed_timezone(480))
REPS = ("rep_a1", "rep_a2", "rep_b1", "rep_b2")


def fill(rep: User, number: int) -> None:
    """One of everything that a drafter reads, for one rep."""
    customer = Customer.objects.create(name=f"客户{rep.pk}", owner=rep, unit=rep.unit)
    make_full_talk(rep, customer=customer, at=NOON)
    order = Order.objects.create(
        number=f"SO{rep.pk}",
        customer=customer,
        rep=rep,
        unit=rep.unit,
        ordered_on=WEDNESDAY,
        total=1000 * (number + 1),
    )
    line = ProductLine.objects.get_or_create(name="直饮")[0]
    ProductLine.objects.filter(pk=line.pk).update(path=f"/{line.pk}/")
    product = Product.objects.get_or_create(name="清泉500", defaults={"line": line})[0]
    OrderLine.objects.create(order=order, product=product, quantity=1, price=order.total, amount=order.total)
    Receipt.objects.create(
        customer=customer,
        rep=rep,
        unit=rep.unit,
        received_on=WEDNESDAY,
        amount=Decimal(300 + number),
        open_amount=0,
    )
    Invoice.objects.create(
        number=f"F{rep.pk}", customer=customer, rep=rep, unit=rep.unit, issued_on=dt.date(2026, 1, 5),
        due_on=dt.date(2026, 2, 5), amount=Decimal(700), open_amount=Decimal(450 + number),
    )  # fmt: skip
    for state in ("open", "broken"):
        PaymentPromise.objects.create(
            customer=customer, rep=rep, unit=rep.unit, amount=Decimal(2000), due_on=WEDNESDAY, state=state
        )
    for day, stage in ((WEDNESDAY, "proposal"), (dt.date(2026, 4, 9), "need"), (WEDNESDAY, "won")):
        Deal.objects.create(
            customer=customer, name="清泉500 三台", owner=rep, unit=rep.unit, amount=Decimal(52000), expected_on=day,
            stage=stage, closed_at=NOON if stage == "won" else None,
        )  # fmt: skip
    for hours in (-240, 0, 24):
        Task.objects.create(
            title="寄合同",
            owner=rep,
            unit=rep.unit,
            customer=customer,
            due_at=NOON + dt.timedelta(hours=hours),
        )
        Appointment.objects.create(
            owner=rep, unit=rep.unit, customer=customer, start_at=NOON + dt.timedelta(hours=hours)
        )
    for hour in (9, 12):
        came = NOON.replace(hour=hour)
        Visit.objects.create(
            rep=rep, unit=rep.unit, customer=customer, came_at=came, left_at=came + dt.timedelta(minutes=40)
        )
    Sighting.objects.create(
        source="report",
        product=product,
        place="昆山",
        price=Decimal(4500),
        rep=rep,
        unit=rep.unit,
        seen_at=NOON,
    )
    Ticket.objects.create(
        number=f"T{rep.pk}", customer=customer, title="漏水", rep=rep, unit=rep.unit, opened_at=NOON
    )
    route = Route.objects.create(
        rep=rep,
        unit=rep.unit,
        number=1,
        weeks=1,
        start_on=dt.date(2026, 1, 1),
        base={"weekdays": [0, 1, 2, 3, 4]},
    )
    for weekday in (2, 3):
        RouteStop.objects.create(
            route=route, week=0, weekday=weekday, position=1, customer=customer, every_weeks=1, minutes=30
        )


@pytest.fixture
def full(world: World) -> World:
    version = TargetVersion.objects.create(
        target_set=TargetSet.objects.create(name="2026", start_on=dt.date(2026, 1, 1)),
        number=1, state=TargetVersion.State.APPROVED, approved_at=timezone.now(),
    )  # fmt: skip
    for number, name in enumerate(REPS):
        rep = getattr(world, name)
        fill(rep, number)
        for code in ("sales", "collections", "visits"):
            metric = Metric.objects.get(code=code)
            TargetRow.objects.create(
                version=version, metric=metric, rep=rep, unit=rep.unit, m02=100, m03=500_00 + number, m04=900,
                product_line=ProductLine.objects.first() if code == "sales" else None,
            )  # fmt: skip
    refresh(today=dt.date(2026, 3, 31), whole=True)
    return world


def said(paper: Paper) -> list[tuple[Any, ...]]:
    columns = ("key", "section", "position", "text", "values", "ties", "link", "source", "fact", "conversation",
               "start_ms", "end_ms", "edited")  # fmt: skip
    return sorted(
        Line.objects.filter(paper=paper).values_list(*columns), key=lambda row: (row[1], row[2], row[0])
    )


CODES = ("daily", "weekly_plan", "monthly_plan", "monthly_action_plan", "monthly_summary", "rolling_forecast",
         "competitor_analysis", "market_tour", "market_register")  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_a_batch_writes_what_one_after_the_other_would(full: World, code: str) -> None:
    template = current(code)
    people = [user for user in full.users if user.role in template.writers]
    together = begin_period(template, people, WEDNESDAY)
    draft_papers(together)
    batch = {paper.owner_id: said(paper) for paper in together}
    assert all(batch[rep.pk] for rep in people if rep.role == "rep")
    Paper.objects.all().delete()
    for person in people:
        alone = actions.draft_paper(actions.begin_paper(person, code, WEDNESDAY))
        assert said(alone) == batch[person.pk], person
    before = list(Line.objects.order_by("pk").values())
    draft_papers(Paper.objects.all())
    assert list(Line.objects.order_by("pk").values()) == before


def test_nobody_reads_the_records_of_others(full: World) -> None:
    papers = begin_period(current("monthly_summary"), [getattr(full, name) for name in REPS], WEDNESDAY)
    draft_papers(papers)
    names = {paper.owner_id: f"客户{paper.owner_id}" for paper in papers}
    for paper in papers:
        text = " ".join(f"{line.text} {line.values}" for line in paper.lines.all())
        assert names[paper.owner_id] in text
        assert not any(name in text for owner, name in names.items() if owner != paper.owner_id)


def test_as_many_queries_for_two_as_for_four(full: World) -> None:
    def cost(names: tuple[str, ...]) -> int:
        Paper.objects.all().delete()
        papers = begin_period(current("daily"), [getattr(full, name) for name in names], WEDNESDAY)
        with CaptureQueriesContext(connection) as captured:
            draft_papers(papers)
        return len(captured)

    assert cost(REPS[:2]) == cost(REPS) <= 24


def test_what_was_changed_by_hand_stays_in_a_batch(full: World) -> None:
    papers = begin_period(current("daily"), [full.rep_a1, full.rep_a2], WEDNESDAY)
    draft_papers(papers)
    first = papers[0].lines.filter(key__startswith="order:").get()
    actions.edit_line(first, by=full.rep_a1, text="我改的")
    gone = papers[1].lines.filter(key__startswith="order:").get()
    actions.remove_line(gone, by=full.rep_a2)
    Receipt.objects.update(amount=Decimal(999))
    draft_papers(papers)
    first.refresh_from_db()
    assert first.text == "我改的" and not papers[1].lines.filter(key=gone.key).exists()
    assert all("¥999" in line.text for line in Line.objects.filter(key__startswith="receipt:"))
    actions.submit_paper(papers[0], by=full.rep_a1)
    Receipt.objects.update(amount=Decimal(111))
    draft_papers(papers)
    told = {line.paper_id: line.text for line in Line.objects.filter(key__startswith="receipt:")}
    assert "¥999" in told[papers[0].pk] and "¥111" in told[papers[1].pk]


def section(paper: Paper, key: str) -> list[Line]:
    return list(paper.lines.filter(section=key))


def test_targets_stand_beside_what_was_reached(full: World) -> None:
    paper = actions.draft_paper(actions.begin_paper(full.rep_a1, "monthly_summary", WEDNESDAY))
    goals = {line.key: line for line in section(paper, "goals")}
    sales = goals["target:sales"]
    assert (sales.values["planned"], sales.values["reached"], sales.values["rate"]) == (
        "500",
        "1000",
        "200.0",
    )
    assert sales.ties["reached"] == (
        f"/attainment/records/?metric=sales&period=month&on=2026-03-01&rep={full.rep_a1.pk}"
    )
    assert goals["target:visits"].values["reached"] == "2"
    (line,) = section(paper, "lines")
    assert (line.values["line"], line.values["reached"]) == ("直饮", "1000")
    assert section(paper, "team") == []


def test_profit_is_told_to_whoever_may_know_costs(full: World) -> None:
    """A row of 0 % would be untrue, and the true one would tell what goods cost."""
    TargetRow.objects.create(
        version=TargetVersion.objects.get(), metric=Metric.objects.get(code="gross_profit"), rep=full.rep_a1,
        unit=full.rep_a1.unit, m03=300_00,
    )  # fmt: skip
    for writer in (full.rep_a1, full.manager_a):
        summary = actions.draft_paper(actions.begin_paper(writer, "monthly_summary", WEDNESDAY))
        assert "target:gross_profit" not in {line.key for line in section(summary, "goals")}
        plan = actions.draft_paper(actions.begin_paper(writer, "monthly_plan", WEDNESDAY))
        row = next(line for line in section(plan, "goals") if line.key == "target:gross_profit")
        assert row.values["planned"] == "300" and not row.values["last"] and not row.values["year"]


def test_a_leaders_paper_tells_of_his_people(full: World) -> None:
    paper = actions.draft_paper(actions.begin_paper(full.manager_a, "monthly_summary", WEDNESDAY))
    rows = {line.values["person"]: line for line in section(paper, "team")}
    assert rows.keys() == {"林晓", "周舟"}
    assert rows["周舟"].values["reached"] == "2000" and rows["周舟"].ties["person"] == full.rep_a2.pk


@pytest.mark.parametrize(
    ("code", "key", "wanted"),
    [
        ("daily", "tomorrow", ("line:next", "appointment", "task")),
        ("daily", "talks", ("line:done", "visit", "count", "talk")),
        ("daily", "results", ("order", "receipt", "month")),
        ("weekly_plan", "line", ("line",)),
        ("weekly_plan", "goals", ("target",)),
        ("monthly_summary", "closed", ("deal",)),
        ("monthly_summary", "receivables", ("owes", "promise")),
        ("monthly_summary", "work", ("work",)),
        ("monthly_summary", "quotas", ("quota",)),
        ("monthly_action_plan", "service", ("ticket",)),
        ("market_tour", "seen_prices", ("sighting",)),
        ("rolling_forecast", "months", ("month",)),
    ],
)
def test_what_is_drafted_where(full: World, code: str, key: str, wanted: tuple[str, ...]) -> None:
    paper = actions.draft_paper(actions.begin_paper(full.rep_a1, code, WEDNESDAY))
    lines = section(paper, key)
    assert lines
    for each in wanted:
        assert any(line.key.startswith(each) for line in lines), each
    for line in lines:  # each leads to its records or plays
        assert line.link or line.conversation_id, line.key


def test_what_is_drafted_names_customer_and_product_by_id(full: World) -> None:
    paper = actions.draft_paper(actions.begin_paper(full.rep_a1, "monthly_plan", WEDNESDAY))
    (deal, *_more) = section(paper, "customers")
    customer, product = Customer.objects.get(name=f"客户{full.rep_a1.pk}"), Product.objects.get()
    assert (deal.ties["customer"], deal.ties["product"]) == (customer.pk, product.pk)
    assert (deal.values["customer"], deal.values["product"]) == (customer.name, "清泉500")
    for code, key in (("weekly_plan", "actions"), ("market_tour", "places")):
        paper = actions.draft_paper(actions.begin_paper(full.rep_a1, code, WEDNESDAY))
        assert {line.ties["customer"] for line in section(paper, key)} == {customer.pk}


def test_the_last_forecast_is_held_against_what_came(full: World) -> None:
    march = actions.draft_paper(actions.begin_paper(full.rep_a1, "rolling_forecast", WEDNESDAY))
    row = next(line for line in section(march, "months") if line.key == "month:2026-03")
    actions.edit_line(row, by=full.rep_a1, values={**row.values, "mine": "1250"})
    april = actions.draft_paper(actions.begin_paper(full.rep_a1, "rolling_forecast", dt.date(2026, 4, 2)))
    (line,) = section(april, "before")
    assert "¥1,250" in line.text and "¥1,000" in line.text and "25%" in line.text


def test_every_kind_has_sections_that_lead_somewhere(full: World) -> None:
    """All kinds are drafted for everybody who writes them, and none breaks."""
    drafted: Callable[..., Any] = draft_papers
    for template in in_force():
        people = [user for user in full.users if user.role in template.writers]
        drafted(begin_period(template, people, WEDNESDAY))
    assert on_time(full.executive, span=_march()).total.tally.due > 0


def _march() -> Any:
    from shengce.planning.periods import Span

    return Span(dt.date(2026, 3, 1), dt.date(2026, 5, 1))
