"""The demonstration company's twelve months: enough of everything, sums that add up, stories that fit the talks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.test import Client
from django.urls import reverse

from shengce.channel.models import (
    Cooperation,
    DealerContract,
    DiversionCase,
    PriceCase,
    Sighting,
    StockReport,
)
from shengce.customers.models import CardField, Customer, Deal, PoolMove, SuspectedPair
from shengce.demo.company import read_company
from shengce.demo.script import Year, read_year
from shengce.people.models import Role, User
from shengce.planning.ageing import EDGES, bucket_of
from shengce.sales.credit import check_credit
from shengce.sales.models import (
    CreditLine,
    CustomerStanding,
    Invoice,
    Order,
    PaymentPromise,
    Receipt,
    StandingRun,
    Statement,
    WriteOff,
)
from shengce.service.models import Ticket

pytestmark = pytest.mark.django_db

ZERO = Decimal(0)


def test_there_is_enough_of_everything(year: Year) -> None:
    kinds = Counter(Customer.objects.values_list("kind", flat=True))
    assert 60 <= sum(kinds.values()) <= 80
    assert kinds["dealer"] >= 12 and kinds["end_customer"] >= 30 and kinds["prospect"] >= 8
    assert set(Customer.objects.filter(kind="dealer").values_list("level", flat=True)) == {
        "first",
        "second",
        "retail",
    }
    assert 620 <= Order.objects.count() <= 800
    assert 38 <= Ticket.objects.count() <= 48
    assert Customer.objects.filter(owner__isnull=True).count() == PoolMove.objects.count() == 8
    assert CardField.objects.values("customer").distinct().count() >= 45


def test_codes_tax_numbers_and_phones_are_everybodys_own(year: Year) -> None:
    for name in ("code", "tax_number"):
        values = [value for value in Customer.objects.values_list(name, flat=True) if value]
        shared = [value for value, times in Counter(values).items() if times > 1]
        assert len(shared) == (1 if name == "tax_number" else 0), shared  # the pair that was typed in twice
    assert not Customer.objects.filter(Q(code="") | Q(territory__isnull=True)).exists()


def test_two_firms_of_one_name_are_no_duplicates(year: Year) -> None:
    pairs = {frozenset((pair.one.name, pair.other.name)) for pair in SuspectedPair.objects.all()}
    assert pairs == {
        frozenset(("听竹轩茶楼", "杭州听竹轩茶楼有限公司")),
        frozenset(("锡岭精密", "无锡锡岭精密机械有限公司")),
        frozenset(("平里酒店", "平里大酒店")),
    }
    assert Customer.objects.filter(name="同福酒楼").count() == 2


def test_summer_is_the_season(year: Year) -> None:
    start = year.today - dt.timedelta(days=364)
    months = Counter(
        day.month for day in Order.objects.filter(ordered_on__gte=start).values_list("ordered_on", flat=True)
    )
    assert sum(months[m] for m in (6, 7, 8)) > 1.3 * sum(months[m] for m in (12, 1, 2))


def test_every_invoice_is_paid_written_off_or_open(year: Year) -> None:
    wrong = (
        Invoice.objects.annotate(
            paid=Coalesce(Sum("allocations__amount", filter=Q(allocations__taken_back_at__isnull=True)), ZERO)
        )
        .exclude(pk__in=WriteOff.objects.filter(state="approved").values("invoice"))
        .exclude(amount=F("paid") + F("open_amount"))
    )
    assert not wrong.exists()
    given_up = WriteOff.objects.get(state="approved")
    invoice = given_up.invoice
    paid = invoice.allocations.aggregate(sum=Sum("amount"))["sum"] or ZERO
    assert invoice.amount == paid + given_up.amount + invoice.open_amount


def test_every_receipt_is_allocated_or_open(year: Year) -> None:
    used = Coalesce(Sum("allocations__amount"), ZERO)
    assert not Receipt.objects.annotate(used=used).exclude(amount=F("used") + F("open_amount")).exists()
    left = Receipt.objects.filter(open_amount__gt=0)
    assert left.filter(customer__isnull=True).count() == 2
    assert left.filter(customer__isnull=False).count() == 1  # the one over-payment


def test_every_ageing_bucket_is_filled(year: Year) -> None:
    rows = Invoice.objects.filter(settled_on__isnull=True).values_list("due_on", flat=True)
    buckets = Counter(bucket_of(due_on, year.today) for due_on in rows)
    assert set(buckets) == set(range(len(EDGES) + 1))


def test_most_pay_in_time_and_some_do_not(year: Year) -> None:
    settled = Invoice.objects.filter(settled_on__isnull=False)
    late = settled.filter(settled_on__gt=F("due_on")).count() / settled.count()
    assert 0.2 < late < 0.6
    assert Receipt.objects.filter(bank_reference="").count() == 0


def test_promises_had_every_outcome(year: Year) -> None:
    assert set(PaymentPromise.objects.values_list("state", flat=True)) == set(PaymentPromise.State.values)


def test_money_fits_the_talks(year: Year) -> None:
    hotel, dealer = year.customers["云海大酒店"], year.customers["润石商贸"]
    overdue = Invoice.objects.filter(customer=hotel, due_on__lt=year.today).aggregate(sum=Sum("open_amount"))[
        "sum"
    ]
    assert 190_000 <= overdue <= 260_000  # 200,000 next Friday makes sense
    waiting = Order.objects.get(state=Order.State.WAITING)
    assert waiting.customer == hotel and waiting.total == Decimal(380_000)
    assert check_credit(hotel, waiting.total).over
    month = year.today.replace(day=1)
    owed = Invoice.objects.filter(customer=dealer, issued_on__lt=month).aggregate(sum=Sum("open_amount"))[
        "sum"
    ]
    assert owed == Decimal(126_000)
    renewals = Order.objects.filter(customer=year.customers["禾木里酒楼"], lines__product__name="滤芯年卡")
    assert [order.total for order in renewals] == [Decimal(2640)] * 2


def test_credit_has_grades_and_reasons(year: Year) -> None:
    lines = CreditLine.objects.all()
    assert set(lines.values_list("grade", flat=True)) == {"A", "B", "C", "D"}
    first_days = {order.customer_id: order.ordered_on for order in Order.objects.order_by("-ordered_on")}
    young = year.today - dt.timedelta(days=60)  # nothing is due yet: a grade without a ground
    assert all(line.reasons for line in lines if first_days[line.customer_id] < young)
    assert set(Statement.objects.values_list("state", flat=True)) == set(Statement.State.values)
    assert WriteOff.objects.filter(state=WriteOff.State.ASKED).count() == 1
    assert Invoice.objects.filter(state=Invoice.State.DISPUTED, customer__name="碧禾餐饮").count() == 1


def test_goods_from_another_province_match_what_the_dealer_saw(year: Year) -> None:
    case = DiversionCase.objects.get(state=DiversionCase.State.ASKED)
    assert case.suspect == year.customers["赣溪水设备"]
    assert case.product is not None and case.product.name == "石泉管线机"
    seen = case.sightings.get()
    assert seen.finding == Sighting.Finding.STRAYED and seen.customer == year.customers["润石商贸"]
    assert seen.shipment is not None and seen.shipment.territory == year.territories["江西"]
    closed = DiversionCase.objects.get(state=DiversionCase.State.CLOSED)
    assert closed.penalty == Decimal(8000)
    assert set(Sighting.objects.values_list("finding", flat=True)) >= {
        "strayed",
        "at_home",
        "unknown_lot",
        "no_lot",
    }
    assert set(PriceCase.objects.values_list("state", flat=True)) == set(PriceCase.State.values)


def test_dealers_report_every_month_and_are_scored(year: Year) -> None:
    months = StockReport.objects.values("dealer").annotate(days=Count("reported_on", distinct=True))
    assert len(months) >= 12 and {row["days"] for row in months} == {12}
    assert Cooperation.objects.values("month").distinct().count() == 6
    assert DealerContract.objects.filter(end_on__lte=year.today).count() == 1


def test_tickets_are_in_every_state_with_causes_costs_and_voices(year: Year) -> None:
    assert set(Ticket.objects.values_list("state", flat=True)) == set(Ticket.State.values)
    solved = Ticket.objects.filter(state__in=("solved", "closed"))
    assert not solved.filter(Q(cause="") | Q(cost__isnull=True)).exists()
    assert set(solved.filter(state="closed").values_list("satisfaction", flat=True)) == {1, 2, 3, 4, 5}
    assert Ticket.objects.pending().filter(escalated_at__isnull=False).count() >= 2
    assert Ticket.objects.filter(customer__name="碧禾餐饮").count() >= 3
    assert not Ticket.objects.filter(answered_at__lt=F("opened_at")).exists()


def test_deals_are_in_every_stage(year: Year) -> None:
    assert set(Deal.objects.values_list("stage", flat=True)) == set(Deal.Stage.values)


def test_customers_come_and_go_and_the_forecast_has_a_model(year: Year) -> None:
    assert set(CustomerStanding.objects.values_list("activity", flat=True)) >= {"active", "dormant", "lost"}
    assert set(CustomerStanding.objects.values_list("value_class", flat=True)) == {"A", "B", "C"}
    run = StandingRun.objects.latest("pk")
    assert run.forecast["check"]["came"] > 0


def test_the_script_knows_everybody_it_names(year: Year) -> None:
    script, people = read_year(), {person["username"] for person in read_company()["people"]}
    named = {row["owner"] for row in script["customers"]} | {row["by"] for row in script["sightings"]}
    assert named <= people
    sellers = User.objects.filter(role=Role.REP)
    assert {rep.pk for rep in sellers} <= set(Customer.objects.values_list("owner", flat=True))


PAGES: dict[str, tuple[str, ...]] = {
    "credit": (
        "customers:list", "customers:duplicates", "customers:rules", "sales:orders", "web:receivables", "sales:invoices",
        "sales:receipts", "sales:approvals", "sales:calls", "sales:statements", "sales:dunning", "web:promises",
        "channel:dealers", "channel:contracts", "channel:shipments", "service:queue", "web:service_statistics",
        "web:loyalty", "web:win_back",
    ),
    "director": (
        "customers:list", "sales:orders", "web:receivables", "sales:approvals", "web:promises", "channel:cases",
        "channel:price_cases", "service:queue", "web:loyalty", "catalogue:authority",
    ),
    "manager_fang": ("sales:orders", "customers:deals", "channel:cases", "service:queue", "web:receivables"),
    "manager_qiu": ("customers:deals", "channel:cases", "channel:sightings", "service:queue", "web:receivables"),
    "manager_xia": ("customers:list", "sales:orders", "channel:cases", "web:receivables", "customers:deals"),
    "manager_meng": ("customers:list", "sales:orders", "channel:dealers", "web:receivables", "web:promises"),
    "marketing": ("channel:dealers", "channel:cases", "channel:price_cases", "catalogue:prices", "channel:sightings"),
} | {
    person["username"]: ("customers:list", "customers:pool", "sales:orders", "web:receivables", "sales:invoices", "service:queue")
    for person in read_company()["people"]
    if person["role"] == "rep"
}  # fmt: skip


@pytest.mark.parametrize("username", PAGES)
def test_every_page_has_something_to_show(year: Year, username: str) -> None:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    for name in PAGES[username]:
        answer = client.get(reverse(name))
        assert answer.status_code == 200, name
        assert 'class="empty"' not in answer.content.decode(), name
