"""The pages: the whole way of a year's target, from one typed figure to a rep's day; who sees what; what goes wrong, in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from shengce.catalogue.models import ProductLine
from shengce.targets.models import Metric, Negotiation, TargetEdit, TargetRow, TargetVersion
from shengce.targets.queries import planned, total
from shengce.targets.versions import approve_version, create_target_set, open_for_negotiation

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(world):
    start = timezone.localdate().replace(month=1, day=1)
    return create_target_set(by=world.executive, name="今年目标", start_on=start)


@pytest.fixture
def as_(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def do(client, version, what, query="", **data):
    response = client.post(reverse("targets:change", args=[version.pk, what]) + query, data, follow=True)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def summed(version, user, by=(), **more):
    return planned(version, "sales", by=by, user=user, **more)


def test_one_figure_becomes_every_reps_days(world, version, as_):
    client = as_(world.executive)
    page = client.get(reverse("targets:grid", args=[version.pk])).content.decode()
    assert world.rep_a1.display_name in page and world.rep_b2.display_name in page
    do(client, version, "type", cell="all", figure="1200.01", seen="0", revision="0")
    assert sum(total(summed(version, world.executive))) == 1200_0100_00
    do(client, version, "split", cell="all", split="month", basis="equal", step="1")
    do(client, version, "split", cell="all", split="rep", basis="equal", step="0")
    by_rep = summed(version, world.executive, by=("rep",))
    assert set(by_rep) == {(r.pk,) for r in (world.rep_a1, world.rep_a2, world.rep_b1, world.rep_b2)} | {
        key for key in by_rep if key == (None,)
    }
    assert sum(by_rep.get((None,), (0,))) == 0
    assert sum(total(by_rep)) == 1200_0100_00
    open_for_negotiation(version, by=world.executive)
    approve_version(version, by=world.executive)
    rep = as_(world.rep_a1)
    mine = rep.get(reverse("targets:mine")).content.decode()
    assert "本月" in mine or "This month" in mine


def test_a_typed_figure_rebalances_as_told(world, version, as_):
    client = as_(world.executive)
    for rep in (world.rep_a1, world.rep_a2):
        do(
            client,
            version,
            "type",
            "?in=yuan",
            cell=f"unit-{rep.unit_id}.rep-{rep.pk}",
            figure="1200",
            seen="0",
        )
    cell = f"unit-{world.team_a.pk}.rep-{world.rep_a1.pk}.month-1"
    do(client, version, "type", "?in=yuan", cell=cell, figure="150", seen="100", keep="row")
    row = summed(version, None, by=("rep",))[(world.rep_a1.pk,)]
    assert row[0] == 150_00 and sum(row) == 1200_00
    do(client, version, "type", "?in=yuan", cell=cell, figure="160", seen="150", keep="column")
    assert total(summed(version, None, by=("rep",)))[0] == 250_00
    do(client, version, "type", "?in=yuan", cell=cell, figure="+10%", seen="160", keep="both")
    rows = summed(version, None, by=("rep",))
    assert rows[(world.rep_a1.pk,)][0] == 176_00
    assert sum(rows[(world.rep_a1.pk,)]) == 1210_00 and total(rows)[0] == 250_00


def test_the_second_of_two_is_told(world, version, as_):
    cell = f"unit-{world.team_a.pk}.rep-{world.rep_a1.pk}.month-1"
    do(as_(world.executive), version, "type", "?in=yuan", cell=cell, figure="100", seen="0", revision="0")
    said = do(
        as_(world.manager_a), version, "type", "?in=yuan", cell=cell, figure="90", seen="0", revision="0"
    )
    assert str(world.executive) in said
    assert total(summed(version, None))[0] == 100_00
    do(as_(world.manager_a), version, "type", "?in=yuan", cell=cell, figure="90", seen="100", revision="1")
    assert total(summed(version, None))[0] == 90_00


def test_undo_takes_back_ones_own_and_nothing_that_changed_since(world, version, as_):
    client = as_(world.executive)
    do(client, version, "type", "?in=yuan", cell="all", figure="1200", seen="0")
    do(client, version, "split", cell="all", split="rep", basis="equal", step="1")
    assert TargetRow.objects.count() == 5
    do(client, version, "undo")
    assert TargetRow.objects.count() == 1 and sum(total(summed(version, None))) == 1200_00
    do(client, version, "undo")
    assert TargetRow.objects.count() == 0
    do(client, version, "undo")
    cell = f"unit-{world.team_a.pk}.rep-{world.rep_a1.pk}.month-1"
    do(client, version, "type", "?in=yuan", cell=cell, figure="100", seen="0")
    do(as_(world.manager_a), version, "type", "?in=yuan", cell=cell, figure="90", seen="100")
    said = do(as_(world.executive), version, "undo")
    assert str(world.manager_a) in said
    assert total(summed(version, None))[0] == 90_00


def test_locks_hold_and_too_much_is_refused_in_words(world, version, as_):
    client = as_(world.executive)
    for rep in (world.rep_a1, world.rep_a2):
        do(
            client,
            version,
            "type",
            "?in=yuan",
            cell=f"unit-{rep.unit_id}.rep-{rep.pk}.month-1",
            figure="600",
            seen="0",
        )
    locked = f"unit-{world.team_a.pk}.rep-{world.rep_a1.pk}.month-1"
    do(client, version, "lock", cell=locked, locked="yes")
    do(client, version, "type", "?in=yuan", cell="all.month-1", figure="1000", seen="1200")
    rows = summed(version, None, by=("rep",))
    assert rows[(world.rep_a1.pk,)][0] == 600_00 and rows[(world.rep_a2.pk,)][0] == 400_00
    said = do(client, version, "type", "?in=yuan", cell="all.month-1", figure="500", seen="1000")
    assert "100" in said
    assert total(summed(version, None))[0] == 1000_00
    do(client, version, "type", "?in=yuan", cell=locked, figure="1", seen="600")
    assert summed(version, None, by=("rep",))[(world.rep_a1.pk,)][0] == 600_00


@pytest.mark.parametrize("figure", ["", "abc", "-5", "1e99", "9" * 25, "１２３x", "NaN", "5%", "1.234"])
def test_figures_that_are_none(world, version, as_, figure):
    said = do(as_(world.executive), version, "type", "?in=yuan", cell="all", figure=figure, seen="0")
    assert TargetEdit.objects.count() == 0
    assert "message" in said


@pytest.mark.parametrize(
    "cell",
    ["rep-999999", "x", "rep-1.rep-x", "month-13", "quarter-0", "unit-999", "rep-" + "9" * 30, "customer-5"],
)
def test_cells_that_are_none(world, version, as_, cell):
    do(as_(world.executive), version, "type", "?in=yuan", cell=cell, figure="5", seen="")
    assert TargetRow.objects.count() == 0
    assert (
        as_(world.executive).get(reverse("targets:grid", args=[version.pk]) + f"?cell={cell}").status_code
        == 200
    )


def test_a_manager_moves_only_his_own(world, version, as_):
    client = as_(world.executive)
    for rep in (world.rep_a1, world.rep_b1):
        do(
            client,
            version,
            "type",
            "?in=yuan",
            cell=f"unit-{rep.unit_id}.rep-{rep.pk}.month-1",
            figure="600",
            seen="0",
        )
    manager = as_(world.manager_a)
    do(manager, version, "type", "?in=yuan", cell="all.month-1", figure="700", seen="600")
    rows = summed(version, None, by=("rep",))
    assert rows[(world.rep_a1.pk,)][0] == 700_00 and rows[(world.rep_b1.pk,)][0] == 600_00
    do(
        manager,
        version,
        "type",
        "?in=yuan",
        cell=f"unit-{world.team_b.pk}.rep-{world.rep_b2.pk}",
        figure="9",
        seen="0",
    )
    assert not TargetRow.objects.filter(rep=world.rep_b2).exists()
    page = manager.get(reverse("targets:grid", args=[version.pk])).content.decode()
    assert world.rep_b1.display_name not in page
    assert as_(world.rep_a1).get(reverse("targets:grid", args=[version.pk])).status_code == 404  # a draft


def test_every_choice_of_rows_and_columns_has_the_same_total(world, version, as_):
    client = as_(world.executive)
    for name in ("整机", "滤芯"):
        ProductLine.objects.create(name=name)
    do(client, version, "type", "?in=yuan", cell="all", figure="120000.07", seen="0")
    for split in ("rep", "product_line", "settlement_method", "sales_method"):
        do(client, version, "split", cell="all", split=split, basis="equal", step="0")
    assert TargetRow.objects.count() > 100
    codes = ["unit", "rep", "product_line", "territory", "customer", "settlement_method", "sales_method"]
    for rows in codes:
        for columns in (*codes, "quarter", "month", "week"):
            period = "&period=quarter-1" if columns == "week" else ""
            address = (
                reverse("targets:grid", args=[version.pk]) + f"?rows={rows}&cols={columns}&in=yuan{period}"
            )
            response = client.get(address)
            assert response.status_code == 200
            shown = response.context["grid"]
            top = sum(row.total for row in shown.rows if row.depth == 0)
            assert top == shown.total.total, (rows, columns)
            assert sum(shown.total.amounts) == shown.total.total, (rows, columns)
            if columns != "week":
                assert shown.total.total == 12_000_007
            for row in shown.rows:
                assert sum(row.amounts) == row.total, (rows, columns, row.label)


def test_a_proposal_an_answer_and_two_signatures(world, version, as_):
    client = as_(world.executive)
    cell = f"unit-{world.team_a.pk}.rep-{world.rep_a1.pk}"
    do(client, version, "type", "?in=yuan", cell=cell, figure="120000", seen="0")
    open_for_negotiation(version, by=world.executive)
    rep = as_(world.rep_a1)
    rep.post(reverse("targets:propose", args=[version.pk, "sales"]))
    talk = Negotiation.objects.get()
    page = reverse("targets:negotiation", args=[talk.pk])
    assert rep.post(page, {"figure": "9万", "reason": ""}).status_code == 422
    assert rep.post(page, {"figure": "9万", "reason": "两家大客户搬走了"}).status_code == 302
    assert rep.post(page, {"figure": "8万", "reason": "还是不行"}).status_code == 422  # not his turn
    assert as_(world.rep_a2).get(page).status_code == 404
    assert as_(world.manager_b).get(page).status_code == 404
    manager = as_(world.manager_a)
    assert "两家大客户搬走了" in manager.get(page).content.decode()
    assert manager.post(page, {"figure": "10万", "reason": "新客户补上"}).status_code == 302
    as_(world.rep_a1).post(reverse("targets:sign", args=[talk.pk]), {"figure": "9000000"})
    talk.refresh_from_db()
    assert talk.rep_signed_at is None  # another figure stands
    as_(world.rep_a1).post(reverse("targets:sign", args=[talk.pk]), {"figure": "10000000"})
    as_(world.manager_a).post(reverse("targets:sign", args=[talk.pk]), {"figure": "10000000"})
    talk.refresh_from_db()
    assert talk.state == Negotiation.State.AGREED and talk.agreed == 10_000_000
    assert sum(total(summed(version, None))) == 10_000_000
    overview = as_(world.manager_a).get(reverse("targets:negotiations", args=[version.pk]))
    assert overview.context["counts"]["agreed"] == 1


def test_export_is_neutral_and_exact(world, version, as_):
    world.rep_a1.display_name = "=1+1"
    world.rep_a1.save()
    client = as_(world.executive)
    cell = f"unit-{world.team_a.pk}.rep-{world.rep_a1.pk}.month-1"
    do(client, version, "type", "?in=yuan", cell=cell, figure="100.05", seen="0")
    text = b"".join(client.get(reverse("targets:csv", args=[version.pk])).streaming_content).decode()
    assert "100.05" in text and "\n=1+1" not in text
    assert client.get(reverse("targets:xlsx", args=[version.pk])).status_code == 200


def test_few_queries_however_many_reps(world, version, as_, django_assert_max_num_queries):
    client = as_(world.executive)
    do(client, version, "type", "?in=yuan", cell="all", figure="120000", seen="0")
    do(client, version, "split", cell="all", split="rep", basis="equal", step="1")
    with django_assert_max_num_queries(45):
        client.get(reverse("targets:grid", args=[version.pk]))


def test_a_fiscal_year_of_ones_own_choice(world, as_):
    client = as_(world.executive)
    response = client.post(reverse("targets:list"), {"name": "财年", "start_on": "2027-04-02"})
    assert response.status_code == 422
    response = client.post(reverse("targets:list"), {"name": "财年", "start_on": "2027-04-01"})
    version = TargetVersion.objects.get()
    page = client.get(reverse("targets:grid", args=[version.pk]))
    assert page.context["grid"].columns[0].title == "2027-04"
    assert dt.date(2028, 3, 31) in version.target_set.year.span


def test_own_metrics(world, as_):
    client = as_(world.executive)
    client.post(
        reverse("targets:metrics"), {"code": "demos", "name": "演示场次", "kind": "count", "unit": "场"}
    )
    assert Metric.objects.get(code="demos").kind == "count"
    assert as_(world.manager_a).get(reverse("targets:metrics")).status_code == 403
