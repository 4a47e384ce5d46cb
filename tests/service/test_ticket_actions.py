"""What happens to a ticket: numbers, deadlines, the clock that stands still, scope, two taps, bad input."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.customers.actions import hand_over
from shengce.customers.models import Customer
from shengce.people.actions import remove_calendar_day, save_calendar_day
from shengce.people.models import AuditEntry, CalendarDay, User
from shengce.people.working_days import working_calendar
from shengce.service import actions
from shengce.service.deadlines import all_rules, default_rules, rule_for
from shengce.service.models import Kind, Priority, Ticket, TicketStep
from tests.talks import make_fact, make_talk
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = dt.datetime(2025, 11, 27, 10, 0, tzinfo=SHANGHAI)  # a working day; Friday and Monday are too


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def opened(world: World, **options: object) -> Ticket:
    values = {"by": world.rep_a1, "customer": world.customer_a, "title": "机器漏水", "opened_at": THURSDAY}
    return actions.open_ticket(**{**values, **options})  # type: ignore[arg-type]


def acts(ticket: Ticket) -> list[str]:
    return list(ticket.steps.values_list("act", flat=True))


def test_every_kind_and_priority_has_a_rule(db: None) -> None:
    rules = all_rules()
    assert {(rule.kind, rule.priority) for rule in rules} == {
        (k, p) for k in Kind.values for p in Priority.values
    }
    assert all(1 <= rule.answer_hours <= rule.solve_hours for rule in rules)
    for kind in Kind.values:
        hours = [default_rules()[kind, priority].solve_hours for priority in Priority.values]
        assert hours == sorted(hours), f"{kind}: what is more urgent has less time"


def test_a_new_ticket(world: World) -> None:
    ticket = opened(world, kind="complaint", priority="normal")
    assert (ticket.number, ticket.state, ticket.owner) == ("KF20251127-0001", "open", None)
    assert (ticket.rep, ticket.unit, ticket.opened_by) == (world.rep_a1, world.team_a, world.rep_a1)
    # four and thirty working hours: 10–12, 13:30–15:30; and four whole days
    assert timezone.localtime(ticket.answer_by) == at("2025-11-27 15:30")
    assert timezone.localtime(ticket.solve_by) == at("2025-12-03 10:00")
    assert ticket.due_at == ticket.answer_by
    assert acts(ticket) == ["opened"]
    assert AuditEntry.objects.get(action="ticket.opened").details["number"] == ticket.number


def test_numbers_of_a_day_follow_each_other(world: World) -> None:
    numbers = [opened(world).number for _ in range(3)]
    assert numbers == ["KF20251127-0001", "KF20251127-0002", "KF20251127-0003"]
    actions.withdraw_ticket(Ticket.objects.get(number=numbers[2]), by=world.rep_a1)
    assert opened(world).number == "KF20251127-0004"  # a number is never given twice
    assert opened(world, opened_at=at("2025-11-28 00:10")).number == "KF20251128-0001"


def test_rules_that_the_firm_saved_hold_for_new_tickets(world: World) -> None:
    before = opened(world)
    actions.save_rule(
        by=world.customer_department, kind="complaint", priority="normal", answer_hours=1, solve_hours=2
    )
    assert rule_for("complaint", "normal").saved
    after = opened(world)
    assert timezone.localtime(after.answer_by) == at("2025-11-27 11:00")
    before.refresh_from_db()
    assert timezone.localtime(before.answer_by) == at("2025-11-27 15:30")


@pytest.mark.parametrize("hours", [(0, 5), (5, 4), (1, 2001), (-1, 1)])
def test_rules_that_are_none(world: World, hours: tuple[int, int]) -> None:
    with pytest.raises(ValidationError):
        actions.save_rule(
            by=world.executive, kind="claim", priority="low", answer_hours=hours[0], solve_hours=hours[1]
        )
    with pytest.raises(ValidationError):
        actions.save_rule(by=world.executive, kind="x", priority="low", answer_hours=1, solve_hours=1)


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "inspector", "marketing", "administrator"])
def test_who_may_not_set_rules(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.save_rule(by=getattr(world, who), kind="claim", priority="low", answer_hours=1, solve_hours=2)


def test_the_firms_own_days_move_deadlines(world: World) -> None:
    row = save_calendar_day(by=world.executive, day=dt.date(2025, 11, 28), works=False, name="盘点")
    ticket = opened(world, opened_at=at("2025-11-27 17:00"))
    assert timezone.localtime(ticket.answer_by) == at("2025-12-01 12:00")
    remove_calendar_day(row, by=world.executive)
    assert working_calendar().works(dt.date(2025, 11, 28))
    assert not CalendarDay.objects.exists()


def test_from_open_to_closed(world: World) -> None:
    ticket = opened(world)
    actions.assign_ticket(ticket, by=world.rep_a1, owner=world.customer_department, at=at("2025-11-27 10:30"))
    ticket = actions.add_step(
        ticket, by=world.customer_department, text="已致电客户", at=at("2025-11-27 11:00")
    )
    assert (ticket.state, ticket.answered_after) == ("working", 60)
    assert ticket.due_at == ticket.solve_by
    ticket = actions.solve_ticket(
        ticket,
        by=world.customer_department,
        cause=" 安装  不当 ",
        cost=Decimal("120.5"),
        text="换了密封圈",
        at=at("2025-11-28 10:00"),
    )
    assert (ticket.state, ticket.cause, ticket.cost) == ("solved", "安装 不当", Decimal("120.50"))
    assert ticket.solved_after == 60 * 7 + 30  # 10–12, 13:30–18:00, 9–10
    assert ticket.due_at is None
    ticket = actions.close_ticket(
        ticket, by=world.customer_department, satisfaction=5, feedback="很快", at=at("2025-11-28 11:00")
    )
    assert (ticket.state, ticket.satisfaction, ticket.feedback) == ("closed", 5, "很快")
    assert acts(ticket) == ["opened", "assigned", "note", "solved", "closed"]
    assert list(ticket.steps.values_list("state", flat=True)) == [
        "open",
        "open",
        "working",
        "solved",
        "closed",
    ]


def test_the_clock_stands_still_while_the_customer_is_waited_for(world: World) -> None:
    ticket = opened(world)
    before = ticket.solve_by
    ticket = actions.add_step(
        ticket, by=world.rep_a1, text="请客户发照片", state="waiting", at=at("2025-11-27 11:00")
    )
    assert (ticket.due_at, ticket.answered_after) == (None, 60)
    still = actions.add_step(
        ticket, by=world.rep_a1, text="再催一次", state="waiting", at=at("2025-11-27 14:00")
    )
    assert still.waiting_since == at("2025-11-27 11:00")
    ticket = actions.add_step(
        ticket, by=world.rep_a1, text="收到照片", state="working", at=at("2025-11-28 11:00")
    )
    assert ticket.waited_minutes == 450  # a whole working day
    assert timezone.localtime(before) == at("2025-12-03 10:00")
    assert timezone.localtime(ticket.solve_by) == at("2025-12-04 10:00")
    ticket = actions.solve_ticket(ticket, by=world.rep_a1, cause="误报", at=at("2025-11-28 12:00"))
    assert ticket.solved_after == 120


def test_solving_ends_waiting_and_answers(world: World) -> None:
    ticket = actions.add_step(
        opened(world), by=world.rep_a1, text="等", state="waiting", at=at("2025-11-27 11:00")
    )
    ticket = actions.solve_ticket(ticket, by=world.rep_a1, cause="误报", at=at("2025-11-27 14:30"))
    assert (ticket.waiting_since, ticket.waited_minutes, ticket.solved_after) == (None, 120, 60)
    at_once = actions.solve_ticket(opened(world), by=world.rep_a1, cause="误报", at=at("2025-11-27 10:30"))
    assert (at_once.answered_after, at_once.solved_after) == (30, 30)


def test_opened_again(world: World) -> None:
    ticket = actions.solve_ticket(opened(world), by=world.rep_a1, cause="误报", at=at("2025-11-27 11:00"))
    actions.close_ticket(ticket, by=world.rep_a1, satisfaction=4, at=at("2025-11-27 11:30"))
    ticket = actions.reopen_ticket(ticket, by=world.rep_a1, reason="又漏了", at=at("2025-12-01 09:00"))
    assert (ticket.state, ticket.reopened, ticket.satisfaction, ticket.closed_at) == (
        "working",
        1,
        None,
        None,
    )
    assert timezone.localtime(ticket.solve_by) == at("2025-12-04 18:00")  # four whole days again
    assert AuditEntry.objects.get(action="ticket.reopened").details["satisfaction"] == 4
    ticket = actions.solve_ticket(ticket, by=world.rep_a1, cause="密封圈", at=at("2025-12-01 10:00"))
    assert ticket.solved_after == 120  # an hour before, an hour now
    assert acts(ticket)[-2:] == ["reopened", "solved"]


def test_second_taps_change_nothing(world: World) -> None:
    ticket = opened(world)
    for _tap in range(2):
        actions.assign_ticket(ticket, by=world.rep_a1, owner=world.rep_a1)
    for _tap in range(2):
        actions.solve_ticket(ticket, by=world.rep_a1, cause="误报")
    for _tap in range(2):
        actions.close_ticket(ticket, by=world.rep_a1, satisfaction=3)
    for _tap in range(2):
        actions.reopen_ticket(ticket, by=world.rep_a1, reason="又来")
    assert acts(ticket) == ["opened", "assigned", "solved", "closed", "reopened"]


def test_the_order_of_things(world: World) -> None:
    ticket = opened(world)
    with pytest.raises(ValidationError, match=r"解决|solved"):
        actions.close_ticket(ticket, by=world.rep_a1)
    actions.solve_ticket(ticket, by=world.rep_a1, cause="误报")
    for call in (
        lambda: actions.add_step(ticket, by=world.rep_a1, text="x"),
        lambda: actions.assign_ticket(ticket, by=world.rep_a1, owner=world.rep_a1),
        lambda: actions.withdraw_ticket(ticket, by=world.rep_a1),
    ):
        with pytest.raises(ValidationError):
            call()
    actions.close_ticket(ticket, by=world.rep_a1)
    with pytest.raises(ValidationError):
        actions.solve_ticket(ticket, by=world.rep_a1, cause="x")


BAD = {
    "no title": lambda w, t: opened(w, title="  "),
    "long title": lambda w, t: opened(w, title="x" * 201),
    "kind": lambda w, t: opened(w, kind="nonsense"),
    "priority": lambda w, t: opened(w, priority="very"),
    "future": lambda w, t: opened(w, opened_at=timezone.now() + dt.timedelta(days=1)),
    "far back": lambda w, t: opened(w, opened_at=dt.datetime(1, 1, 2, tzinfo=dt.UTC)),
    "owner who does not work on tickets": lambda w, t: opened(w, owner=w.inspector),
    "owner of another team": lambda w, t: opened(w, owner=w.rep_b1),
    "empty step": lambda w, t: actions.add_step(t, by=w.rep_a1, text="\x00 "),
    "step to solved": lambda w, t: actions.add_step(t, by=w.rep_a1, text="x", state="solved"),
    "step before": lambda w, t: actions.add_step(
        t, by=w.rep_a1, text="x", at=THURSDAY - dt.timedelta(hours=1)
    ),
    "no cause": lambda w, t: actions.solve_ticket(t, by=w.rep_a1, cause=" "),
    "negative": lambda w, t: actions.solve_ticket(t, by=w.rep_a1, cause="x", cost=Decimal(-1)),
    "huge": lambda w, t: actions.solve_ticket(t, by=w.rep_a1, cause="x", cost=Decimal("1e12")),
    "no number": lambda w, t: actions.solve_ticket(t, by=w.rep_a1, cause="x", cost=Decimal("NaN")),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_bad_input_changes_nothing(world: World, call: object) -> None:
    ticket = opened(world)
    before = list(Ticket.objects.values()), list(TicketStep.objects.values())
    with pytest.raises(ValidationError) as caught:
        call(world, ticket)  # type: ignore[operator]
    assert all(caught.value.messages)
    assert (list(Ticket.objects.values()), list(TicketStep.objects.values())) == before


@pytest.mark.parametrize("satisfaction", [0, 6, -1, 10**30])
def test_satisfaction_is_one_to_five(world: World, satisfaction: int) -> None:
    ticket = actions.solve_ticket(opened(world), by=world.rep_a1, cause="x")
    with pytest.raises(ValidationError):
        actions.close_ticket(ticket, by=world.rep_a1, satisfaction=satisfaction)


def test_text_of_all_kinds(world: World, naughty_strings: list[str]) -> None:
    ticket = opened(world)
    for text in naughty_strings[:300]:
        try:
            actions.add_step(ticket, by=world.rep_a1, text=text)
        except ValidationError as problem:
            assert problem.messages
    assert ticket.steps.count() > 100


OUTSIDERS = ("rep_a2", "rep_b1", "manager_b", "executive", "inspector", "administrator", "marketing")
CALLS = {
    "open": lambda w, t, by: opened(w, by=by),
    "assign": lambda w, t, by: actions.assign_ticket(t, by=by, owner=by),
    "step": lambda w, t, by: actions.add_step(t, by=by, text="x"),
    "solve": lambda w, t, by: actions.solve_ticket(t, by=by, cause="x"),
    "close": lambda w, t, by: actions.close_ticket(t, by=by),
    "reopen": lambda w, t, by: actions.reopen_ticket(t, by=by, reason="x"),
    "withdraw": lambda w, t, by: actions.withdraw_ticket(t, by=by),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_nobody_outside_touches_a_ticket(world: World, call: object) -> None:
    ticket = opened(world)
    before = list(Ticket.objects.values())
    for name in OUTSIDERS:
        with pytest.raises(PermissionDenied):
            call(world, ticket, getattr(world, name))  # type: ignore[operator]
    assert list(Ticket.objects.values()) == before


def test_who_sees_a_ticket(world: World) -> None:
    ticket = opened(world)

    def seen_by() -> set[str]:
        return {
            user.username
            for user in world.users
            if Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()
        }

    everywhere = {"executive", "customer_department"}
    assert seen_by() == {"rep_a1", "manager_a"} | everywhere
    actions.assign_ticket(ticket, by=world.customer_department, owner=world.rep_b1)
    assert seen_by() == {"rep_a1", "manager_a", "rep_b1"} | everywhere
    actions.assign_ticket(ticket, by=world.customer_department, owner=None)
    hand_over(world.customer_a, by=world.manager_a, to=world.rep_a2)
    assert seen_by() == {"rep_a1", "rep_a2", "manager_a"} | everywhere  # whose it was, and whose it is
    User.objects.filter(pk=world.rep_a1.pk).update(is_active=False)
    assert not Ticket.objects.visible_to(User.objects.get(pk=world.rep_a1.pk)).exists()


def heard(world: World, rep: User, customer: Customer | None):
    talk = make_talk(rep, customer=customer)
    return make_fact(talk, "complaint", {"about": "product"}, "价格太贵了")


def test_one_ticket_of_one_passage(world: World) -> None:
    fact = heard(world, world.rep_a1, world.customer_a)
    first, second = opened(world, fact=fact), opened(world, fact=fact, title="又")
    assert first == second
    assert Ticket.objects.get().title == "机器漏水"
    actions.withdraw_ticket(first, by=world.rep_a1)
    assert opened(world, fact=fact).pk != first.pk


def test_who_held_the_talk_may_open_it_for_a_colleagues_customer(world: World) -> None:
    fact = heard(world, world.rep_b1, world.customer_a)
    ticket = opened(world, by=world.rep_b1, fact=fact)
    assert (ticket.rep, ticket.opened_by) == (world.rep_a1, world.rep_b1)
    actions.withdraw_ticket(ticket, by=world.manager_b)  # above the talk
    other = heard(world, world.rep_b1, world.customer_b)
    with pytest.raises(PermissionDenied):
        opened(world, by=world.rep_b1, fact=other)  # the talk was with somebody else


def test_a_merged_customers_ticket_belongs_to_the_one_that_is_kept(world: World) -> None:
    gone = Customer.objects.create(name="云海酒店", merged_into=world.customer_a)
    assert opened(world, customer=gone).customer == world.customer_a


def test_what_was_worked_on_is_not_withdrawn(world: World) -> None:
    ticket = opened(world)
    actions.assign_ticket(ticket, by=world.rep_a1, owner=world.rep_a1)
    actions.add_step(ticket, by=world.rep_a1, text="打了电话")
    with pytest.raises(ValidationError):
        actions.withdraw_ticket(ticket, by=world.rep_a1)
    assert Ticket.objects.filter(pk=ticket.pk).exists()
    fresh = opened(world, owner=world.rep_a1)
    actions.withdraw_ticket(fresh, by=world.rep_a1)
    assert not Ticket.objects.filter(pk=fresh.pk).exists()
