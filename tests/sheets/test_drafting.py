"""What the program writes into papers by itself: from whose records, with which proof, and never over a person's words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from shengce.customers.models import Customer, Deal
from shengce.recordings.models import Conversation
from shengce.sales.models import Invoice, Order, PaymentPromise, Receipt
from shengce.service.models import Ticket
from shengce.sheets import actions
from shengce.sheets.drafter_words import DRAFTER_WORDS
from shengce.sheets.drafting import DRAFTERS
from shengce.sheets.models import Paper
from shengce.sheets.queries import parts_of
from shengce.visits.models import Appointment, Task, Visit
from tests.talks import make_fact, make_full_talk
from tests.world import World

MARCH = dt.date(2026, 3, 18)
NOON = dt.datetime(2026, 3, 18, 12, tzinfo=timezone.get_fixed_timezone(480))


def paper_of(world: World, code: str, who: str = "rep_a1", day: dt.date = MARCH) -> Paper:
    return actions.draft_paper(actions.begin_paper(getattr(world, who), code, day))


def section(paper: Paper, key: str) -> list[Any]:
    return next(part.lines for part in parts_of(paper) if part.section.key == key)


def talk_in_march(world: World, who: str = "rep_a1") -> Conversation:
    rep = getattr(world, who)
    return make_full_talk(rep, customer=world.customer_a, at=NOON)


def test_every_drafter_has_words_and_drafts_nothing_from_nothing(world: World) -> None:
    assert set(DRAFTER_WORDS) >= set(DRAFTERS)
    for code in ("daily", "weekly_plan", "monthly_plan", "monthly_action_plan", "monthly_summary", "rolling_forecast",
                 "market_register"):  # fmt: skip
        paper = paper_of(world, code)
        computed = [
            line
            for part in parts_of(paper)
            for line in part.lines
            if not line.key.startswith(("figure:", "quota:"))
        ]
        assert computed == []


def test_objections_and_complaints_of_the_month_play(world: World) -> None:
    talk = talk_in_march(world)
    paper = paper_of(world, "monthly_summary")
    lines = section(paper, "refused")
    assert lines and all(line.conversation == talk and line.fact and line.source == "talk" for line in lines)
    assert section(paper_of(world, "monthly_summary", day=dt.date(2026, 4, 2)), "refused") == []
    assert section(paper_of(world, "monthly_summary", who="rep_a2"), "refused") == []
    assert len(section(paper_of(world, "monthly_summary", who="manager_a"), "refused")) == len(lines)
    assert section(paper_of(world, "monthly_summary", who="manager_b"), "refused") == []


def test_a_rejected_fact_is_not_written_down(world: World) -> None:
    talk = talk_in_march(world)
    assert section(paper_of(world, "monthly_summary"), "refused")
    talk.facts.update(state="rejected")
    assert section(paper_of(world, "monthly_summary"), "refused") == []  # nor does it stay in a draft


def test_orders_and_money_of_the_day_lead_to_their_records(world: World) -> None:
    order = Order.objects.create(
        number="SO-1",
        customer=world.customer_a,
        rep=world.rep_a1,
        unit=world.team_a,
        ordered_on=MARCH,
        total=Decimal("1200.50"),
    )
    Order.objects.create(
        number="SO-2", customer=world.customer_a, rep=world.rep_a1, unit=world.team_a, ordered_on=MARCH,
        total=Decimal(9), state="cancelled",
    )  # fmt: skip
    receipt = Receipt.objects.create(
        customer=world.customer_a,
        rep=world.rep_a1,
        unit=world.team_a,
        received_on=MARCH,
        amount=Decimal(300),
        open_amount=0,
    )
    lines = section(paper_of(world, "daily"), "results")
    assert [line.link for line in lines] == [
        f"/sales/orders/{order.pk}/",
        f"/sales/money/receipts/{receipt.pk}/",
    ]
    assert "¥1,200.50" in lines[0].text and "¥300" in lines[1].text
    assert all(line.source == "computed" for line in lines)


def test_figures_stand_against_the_month_before(world: World) -> None:
    for number, (day, total) in enumerate(
        ((dt.date(2026, 2, 3), 500), (MARCH, 800), (dt.date(2026, 4, 1), 7))
    ):
        Order.objects.create(
            number=f"SO-{number}",
            customer=world.customer_a,
            rep=world.rep_a1,
            unit=world.team_a,
            ordered_on=day,
            total=total,
        )
    first, second = section(paper_of(world, "monthly_summary"), "figures")
    assert "¥800" in first.text and "¥500" in first.text
    assert first.link == f"/sales/orders/?from=2026-03-01&to=2026-03-31&rep={world.rep_a1.pk}"
    assert "¥0" in second.text


def test_deals_become_rows_that_the_writer_may_correct(world: World) -> None:
    deal = Deal.objects.create(
        customer=world.customer_a, name="直饮机", owner=world.rep_a1, unit=world.team_a, amount=Decimal("52000.00"),
        expected_on=dt.date(2026, 5, 20), stage="proposal", next_step="送样机",
    )  # fmt: skip
    Deal.objects.create(
        customer=world.customer_a,
        name="明年的事",
        owner=world.rep_a1,
        unit=world.team_a,
        expected_on=dt.date(2026, 6, 1),
    )
    paper = paper_of(world, "rolling_forecast")
    (row,) = section(paper, "deals")
    assert (row.values["amount"], row.values["due"], row.values["sure"]) == ("52000", "2026-05-20", "50")
    actions.edit_line(row, by=world.rep_a1, values={**row.values, "sure": "80"})
    Deal.objects.filter(pk=deal.pk).update(amount=Decimal(60000))
    (row,) = section(actions.draft_paper(paper), "deals")
    assert (row.values["amount"], row.values["sure"], row.typed) == ("60000", "80", ["sure"])
    Deal.objects.filter(pk=deal.pk).update(stage="won")
    (row,) = section(actions.draft_paper(paper), "deals")  # a person wrote in it: it stays
    assert row.edited


def test_drafting_again_changes_nothing(world: World) -> None:
    talk_in_march(world)
    Task.objects.create(
        title="送样机", owner=world.rep_a1, unit=world.team_a, due_at=NOON, customer=world.customer_a
    )
    for code in ("daily", "weekly_plan", "monthly_summary", "market_register", "monthly_action_plan"):
        paper = paper_of(world, code)
        before = list(paper.lines.order_by("pk").values())
        actions.draft_paper(paper)
        assert list(paper.lines.order_by("pk").values()) == before, code


def test_what_was_taken_out_stays_out(world: World) -> None:
    talk_in_march(world)
    paper = paper_of(world, "market_register")
    rows = section(paper, "market")
    assert rows
    actions.remove_line(rows[0], by=world.rep_a1)
    assert len(section(actions.draft_paper(paper), "market")) == len(rows) - 1


def test_the_diary_of_the_week(world: World) -> None:
    monday = dt.datetime(2026, 3, 16, 9, tzinfo=NOON.tzinfo)
    Appointment.objects.create(
        owner=world.rep_a1, unit=world.team_a, customer=world.customer_a, start_at=monday
    )
    Task.objects.create(title="寄合同", owner=world.rep_a1, unit=world.team_a, due_at=NOON)
    Task.objects.create(
        title="旧账", owner=world.rep_a1, unit=world.team_a, due_at=monday - dt.timedelta(days=9)
    )
    Task.objects.create(
        title="下周的", owner=world.rep_a1, unit=world.team_a, due_at=monday + dt.timedelta(days=7)
    )
    Task.objects.create(title="别人的", owner=world.rep_a2, unit=world.team_a, due_at=NOON)
    paper = paper_of(world, "weekly_plan")
    assert [row.values["day"] for row in section(paper, "actions")] == ["2026-03-16", "2026-03-18"]
    assert [line.text for line in section(paper, "last")] == ["03-07 旧账"]


def test_promises_and_debts(world: World) -> None:
    PaymentPromise.objects.create(
        customer=world.customer_a,
        rep=world.rep_a1,
        unit=world.team_a,
        amount=Decimal(200000),
        due_on=dt.date(2026, 3, 27),
    )
    Invoice.objects.create(
        number="F1", customer=world.customer_a, rep=world.rep_a1, unit=world.team_a, issued_on=dt.date(2026, 1, 5),
        due_on=dt.date(2026, 2, 5), amount=Decimal(700), open_amount=Decimal(450),
    )  # fmt: skip
    lines = section(paper_of(world, "monthly_plan"), "receivables")
    assert [("¥450" in line.text, "¥200,000" in line.text) for line in lines] == [
        (True, False),
        (False, True),
    ]


def test_last_months_points_come_back(world: World) -> None:
    summary = actions.begin_paper(world.rep_a1, "monthly_summary", dt.date(2026, 2, 10))
    actions.add_line(summary, by=world.rep_a1, section="next", text="先把安澜医院的款收回来")
    (line,) = section(paper_of(world, "monthly_action_plan"), "carried")
    assert line.text == "先把安澜医院的款收回来" and line.link == f"/reports/{summary.pk}/"


def test_rivals_in_one_table(world: World) -> None:
    talk = talk_in_march(world)
    talk.facts.all().delete()
    quote = next(segment.text for segment in talk.transcript.spoken.segments if len(segment.text) > 3)
    make_fact(talk, "competitor", {"name": "蓝泉"}, quote[:3])
    make_fact(talk, "price", {"min": "4500", "max": "4800", "of": "competitor"}, quote[:4])
    make_fact(talk, "price", {"min": "9900", "max": None, "of": "own"}, quote[1:4])
    (row,) = section(paper_of(world, "competitor_analysis", who="manager_a"), "heard")
    assert (row.values["competitor"], row.values["talks"]) == ("蓝泉", "1")
    assert (row.values["lowest"], row.values["highest"]) == ("4500", "4800")
    assert row.fact is not None and row.conversation == talk


def test_one_passage_stands_once_in_the_register(world: World) -> None:
    talk = talk_in_march(world)
    talk.facts.all().delete()
    make_fact(talk, "competitor", {"name": "蓝泉"}, "蓝泉才四千五")
    price = make_fact(talk, "price", {"min": "4500", "max": "4500", "of": "competitor"}, "蓝泉才四千五")
    alone = make_fact(talk, "competitor", {"name": "蓝泉"}, "蓝泉")
    make_fact(talk, "price", {"min": "5600", "max": None, "of": "own"}, "价格太贵了")
    rows = section(paper_of(world, "market_register"), "market")
    assert {(row.fact, row.values["what"]) for row in rows} == {(price, "价格"), (alone, "竞品")}


def test_a_complaint_and_its_ticket_are_told_once(world: World) -> None:
    talk = talk_in_march(world)
    talk.facts.all().delete()
    fact = make_fact(talk, "complaint", {"about": "product"}, "价格太贵了")
    Ticket.objects.create(
        number="T1", customer=world.customer_a, title="太贵", rep=world.rep_a1, unit=world.team_a, opened_at=NOON,
        fact=fact,
    )  # fmt: skip
    Ticket.objects.create(
        number="T2",
        customer=world.customer_a,
        title="漏水",
        rep=world.rep_a1,
        unit=world.team_a,
        opened_at=NOON,
    )
    (heard, other) = section(paper_of(world, "monthly_summary"), "complaints")
    assert heard.fact == fact and other.text.endswith("漏水")
    (_ticket, _other) = section(paper_of(world, "monthly_action_plan"), "service")


def test_a_plan_looks_at_debts_from_its_beginning_and_a_summary_from_its_end(world: World) -> None:
    Invoice.objects.create(
        number="F1", customer=world.customer_a, rep=world.rep_a1, unit=world.team_a, issued_on=dt.date(2026, 2, 5),
        due_on=dt.date(2026, 3, 5), amount=Decimal(700), open_amount=Decimal(450),
    )  # fmt: skip
    assert section(paper_of(world, "monthly_plan"), "receivables") == []
    (line,) = section(paper_of(world, "monthly_summary"), "receivables")
    assert "¥450" in line.text


@pytest.mark.parametrize("value", [None, "", "about", "NaN", "1e999999"])
def test_prices_that_are_no_numbers(world: World, value: Any) -> None:
    talk = talk_in_march(world)
    quote = talk.transcript.spoken.segments[0].text
    make_fact(talk, "competitor", {"name": "蓝泉"}, quote[:2], extractor="x/1")
    make_fact(talk, "price", {"min": value, "max": value, "of": "competitor"}, quote[:3], extractor="x/1")
    paper_of(world, "competitor_analysis", who="manager_a")


def visit_in_march(world: World, hour: int = 12, **more: Any) -> Visit:
    came = NOON.replace(hour=hour)
    return Visit.objects.create(
        rep=world.rep_a1, unit=world.team_a, customer=world.customer_a, came_at=came,
        left_at=came + dt.timedelta(minutes=45), **more,
    )  # fmt: skip


def test_a_visit_plays_the_talk_of_its_hours_and_leads_to_its_record(world: World) -> None:
    talk = talk_in_march(world)
    heard, silent = visit_in_march(world), visit_in_march(world, hour=16, note="样品已送")
    lines = {line.key: line for line in section(paper_of(world, "daily"), "talks")}
    proven, plain = lines[f"visit:{heard.pk}"], lines[f"visit:{silent.pk}"]
    assert (proven.text, proven.conversation, proven.source) == ("12:00–12:45 拜访 云海大酒店", talk, "talk")
    assert (plain.text, plain.conversation, plain.source) == (
        "16:00–16:45 拜访 云海大酒店：样品已送",
        None,
        "computed",
    )
    assert plain.link == f"/visits/{silent.pk}/"
    assert section(paper_of(world, "daily", who="rep_a2"), "talks") == []
    assert section(paper_of(world, "daily", day=MARCH + dt.timedelta(days=1)), "talks") == []


def test_a_market_tour_tells_of_each_meeting_once(world: World) -> None:
    talk = talk_in_march(world)
    Conversation.objects.filter(pk=talk.pk).update(direction="onsite")
    visit_in_march(world)
    silent = visit_in_march(world, hour=16, note="堆头靠近收银台")
    rows = section(paper_of(world, "market_tour"), "places")
    assert [row.key for row in rows] == [f"talk:{talk.pk}", f"visit:{silent.pk}"]
    wanted = {"day": "2026-03-18", "customer": "云海大酒店", "place": "", "seen": "堆头靠近收银台"}
    assert rows[1].values == wanted
    Customer.objects.update(city="杭州")
    rows = section(paper_of(world, "market_tour"), "places")
    assert [row.values["place"] for row in rows] == ["杭州", "杭州"]


def test_what_was_taken_out_comes_back_when_asked_for(world: World) -> None:
    talk_in_march(world)
    paper = paper_of(world, "daily")
    before = [line.key for line in section(paper, "talks")]
    for line in list(paper.lines.all()):
        actions.remove_line(line, by=world.rep_a1)
    assert section(paper_of(world, "daily"), "talks") == []
    with pytest.raises(PermissionDenied):
        actions.restore_lines(paper, by=world.manager_a)
    actions.restore_lines(paper, by=world.rep_a1)
    assert [line.key for line in section(paper_of(world, "daily"), "talks")] == before
