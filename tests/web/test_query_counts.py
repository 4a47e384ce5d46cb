"""Pages cost the same whatever they show: the number of queries does not grow with the rows, and is small."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.customers.actions import add_contact, set_card_field
from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.proposals.actions import accept
from shengce.proposals.models import Proposal
from shengce.recordings.models import Recording, Worker
from shengce.sheets.actions import add_line, draft_daily_report, submit_paper
from shengce.speech.transcript import Role
from tests.talks import make_alert, make_fact, make_full_talk, make_talk
from tests.world import World

MOST = 15  # besides the session and the person, which every page reads
MOST_OF_MY_DAY = 36
"""My day shows what nine rooms know: talks, proposals, line, appointments, tasks, quotas, a tip, days away, one's own month
against its plan, and the report with its draft, which tells of the line and of tomorrow too; stops that
were added; and why no line leads anywhere, where none does."""
MOST_OF_COCKPIT = 16
"""The cockpit shows the team, what is to be heard and read, and plan against actual of all metrics in seven queries."""
MOST_OF_ALL_ROOMS = 31
"""The customer's page shows money, deals, tickets, talks and what comes next."""
FEW, MANY = 3, 12


def queries(client: Client, address: str) -> list[str]:
    client.get(address)  # whatever is made once (a report, a compiled card) is made now
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    statements = [query["sql"] for query in captured.captured_queries]
    counted = [
        s for s in statements if "django_session" not in s and not s.startswith(("SAVEPOINT", "RELEASE"))
    ]
    own = next(s for s in counted if '"people_user"' in s)  # who is asking
    counted.remove(own)
    return counted


def fill(world: World, number: int) -> None:
    """Talks of today, customers, reports, recordings and workers: ``number`` of each, with all that hangs on them."""
    now = timezone.localtime().replace(hour=9)
    if now > timezone.localtime():
        now -= dt.timedelta(hours=9)
    for i in range(number):
        customer = Customer.objects.create(
            name=f"客户{i}-{number}", owner=world.rep_a1, unit=world.team_a, last_talk_at=now
        )
        add_contact(customer, by=world.rep_a1, name=f"联系人{i}", phone=f"1381234{number:02}{i:02}")
        set_card_field(customer, "note", "手写", by=world.rep_a1)
        talk = make_full_talk(world.rep_a1, customer=customer, at=now)
        for proposal in Proposal.objects.filter(conversation=talk, target__in=("task", "report_line")):
            accept(proposal, by=world.rep_a1)
        rep = User.objects.create(
            username=f"rep-{number}-{i}", display_name=f"业务{i}", unit=world.team_a, role="rep"
        )
        report = draft_daily_report(rep, timezone.localdate() - dt.timedelta(days=1))
        add_line(report, by=rep, section="results", text="手写")
        submit_paper(report, by=rep)
        failed = make_talk(world.rep_a1, customer=customer, at=now).recording
        Recording.objects.filter(pk=failed.pk).update(status=Recording.Status.FAILED, error_code="crashed")
        Worker.objects.create(name=f"worker-{number}-{i}", recording=talk.recording)


PAGES = [
    ("rep_a1", "/my-day/"),
    ("rep_a1", "/conversations/"),
    ("rep_a1", "/customers/"),
    ("rep_a1", "/search/?q=价格"),
    ("rep_a1", "/recordings/"),
    ("rep_a1", "/reports/?state=all"),
    ("manager_a", "/cockpit/"),
    ("manager_a", "/cockpit/?days=90"),
    ("manager_a", "/cockpit/table.csv"),
    ("manager_a", "/conversations/"),
    ("manager_a", "/conversations/?kind=objection&only=fatal&from=2020-01-01"),
    ("manager_a", "/customers/?q=客户&sort=name"),
    ("manager_a", "/search/?q=价格"),
    ("manager_a", "/reports/"),
    ("manager_a", "/people/"),
    ("inspector", "/conversations/"),
    ("inspector", "/inspection/"),
    ("executive", "/cockpit/"),
    ("executive", "/health/"),
    ("marketing", "/catalogue/"),
]


def test_pages_cost_the_same_whatever_they_show(world: World, client: Client) -> None:
    fill(world, FEW)
    before = {page: measured(world, client, *page) for page in PAGES}
    fill(world, MANY)
    grown, costly = {}, {}
    for page in PAGES:
        after = measured(world, client, *page)
        if len(after) > len(before[page]):
            grown[page] = (len(before[page]), len(after), after)
        if len(after) > {"/my-day/": MOST_OF_MY_DAY, "/cockpit/": MOST_OF_COCKPIT}.get(
            page[1].partition("?")[0], MOST
        ):
            costly[page] = (len(after), after)
    assert not grown
    assert not costly
    print({page: len(statements) for page, statements in before.items()})


def measured(world: World, client: Client, who: str, address: str) -> list[str]:
    client.force_login(getattr(world, who))
    return queries(client, address)


def long_talk(world: World, turns: int, facts: int) -> int:
    spoken: tuple[tuple[Role, str], ...] = (("customer", "你们价格太贵了"), ("rep", "我保证三年不坏")) * turns
    talk = (
        make_full_talk(world.rep_a1, customer=world.customer_a)
        if not facts
        else make_talk(world.rep_a1, customer=world.customer_a, turns=spoken)
    )
    for number in range(facts):
        fact = make_fact(talk, "objection", {"reason": "price"}, "价格太贵了", extractor=f"x{number}/1")
        Proposal.objects.create(
            conversation=talk, fact=fact, rep=world.rep_a1, unit=world.team_a, customer=world.customer_a,
            target="report_line", new={"section": "problems", "text": "价格"},
        )  # fmt: skip
        make_alert(talk, key=str(number))
    return talk.pk


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "inspector"])
def test_a_long_talk_costs_what_a_short_one_does(world: World, client: Client, who: str) -> None:
    short, long = long_talk(world, 2, 2), long_talk(world, 80, 40)
    client.force_login(getattr(world, who))
    few = queries(client, f"/conversations/{short}/")
    many = queries(client, f"/conversations/{long}/")
    assert len(many) == len(few), many
    assert len(many) <= MOST, many


def test_a_customer_with_a_long_story_costs_what_a_new_one_does(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    address = f"/customers/{world.customer_a.pk}/"
    counts = []
    for number in (FEW, MANY):
        for i in range(number):
            set_card_field(world.customer_a, "note", f"第{i}条", by=world.rep_a1)
            talk = make_full_talk(world.rep_a1, customer=world.customer_a)
            for proposal in Proposal.objects.filter(
                conversation=talk, target__in=("task", "payment_promise")
            ):
                accept(proposal, by=world.rep_a1)
        counts.append(queries(client, address))
    assert len(counts[1]) == len(counts[0]), counts[1]
    assert len(counts[1]) <= MOST_OF_ALL_ROOMS, counts[1]
