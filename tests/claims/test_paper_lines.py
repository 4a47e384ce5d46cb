"""Hand-written lines of papers stand beside what was said, once the paper is handed in."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from shengce.claims.actions import check_recent
from shengce.claims.models import ClaimCheck
from shengce.sheets import actions as sheets
from shengce.sheets.forms_of_papers import sections_of
from shengce.sheets.models import Paper
from tests.claims.test_claim_actions import talk
from tests.world import World


def paper(world: World) -> Paper:
    return sheets.begin_paper(world.rep_a1, "daily", timezone.localdate() - dt.timedelta(days=1))


def test_lines_are_checked_when_the_paper_is_handed_in(world: World) -> None:
    talk(world)
    mine = paper(world)
    sheets.add_line(mine, by=world.rep_a1, section="results", text="云海大酒店预算50万")
    sheets.add_line(mine, by=world.rep_a1, section="results", text="今天天气不好")
    sheets.add_line(
        mine, by=world.rep_a1, section="results", text="松岭学校预算50万"
    )  # another team's customer
    check_recent(now=timezone.now())
    assert not ClaimCheck.objects.exists()  # a draft is its writer's
    sheets.submit_paper(mine, by=world.rep_a1)
    check_recent(now=timezone.now())
    (row,) = ClaimCheck.objects.filter(source=ClaimCheck.Source.PAPER)
    assert (row.verdict, row.customer, row.typed_by) == ("contradicts", world.customer_a, world.rep_a1)
    assert row.url == f"/reports/{mine.pk}/"
    sheets.return_paper(mine, by=world.manager_a, comment="请再核对")
    sheets.remove_line(mine.lines.get(text__contains="云海"), by=world.rep_a1)
    check_recent(now=timezone.now())
    assert not ClaimCheck.objects.filter(source=ClaimCheck.Source.PAPER).exists()


def test_a_row_names_its_customer_in_a_cell(world: World) -> None:
    talk(world)
    mine = sheets.begin_paper(world.rep_a1, "rolling_forecast", timezone.localdate())
    sheets.add_line(
        mine, by=world.rep_a1, section="deals", values={"customer": "云海大酒店", "stage": "预算50万"}
    )
    sheets.submit_paper(mine, by=world.rep_a1)
    check_recent(now=timezone.now())
    assert ClaimCheck.objects.filter(source=ClaimCheck.Source.PAPER).get().customer == world.customer_a


def test_the_day_of_a_row_and_what_one_means_to_do_are_no_statements(world: World) -> None:
    """The talk speaks of other days; a row's own day and next week's plan contradict nothing."""
    talk(world)
    week = sheets.begin_paper(world.rep_a1, "weekly_plan", timezone.localdate())
    sheets.add_line(
        week,
        by=world.rep_a1,
        section="actions",
        values={"day": "2031-01-02", "customer": "云海大酒店", "what": "预算50万"},
    )
    tour = sheets.begin_paper(world.rep_a1, "market_tour", timezone.localdate())
    section = next(
        each
        for each in sections_of(tour.template)
        if each.is_table and "customer" in {c.key for c in each.columns}
    )
    words = next(
        column.key for column in section.columns if column.type == "text" and column.key != "customer"
    )
    dates = {column.key: "2031-01-02" for column in section.columns if column.type == "date"}
    sheets.add_line(
        tour,
        by=world.rep_a1,
        section=section.key,
        values={"customer": "云海大酒店", words: "库存约一个月，客户预算50万", **dates},
    )
    for each in (week, tour):
        sheets.submit_paper(each, by=world.rep_a1)
    check_recent(now=timezone.now())
    (row,) = ClaimCheck.objects.filter(source=ClaimCheck.Source.PAPER)
    assert (row.kind, row.url) == ("budget", f"/reports/{tour.pk}/")
    assert "2031" not in row.text
