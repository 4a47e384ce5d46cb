"""What customers ordered, got, owed and paid over the year: day by day, each step leading to the next."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import count

from django.db.models import Sum

from shengce.channel.actions import record_shipment
from shengce.customers.models import Customer
from shengce.demo.ground import price_of
from shengce.demo.script import Row, Year
from shengce.people.models import User
from shengce.sales import actions as sales
from shengce.sales.models import Invoice, Order, Receipt, SalesMethod, SettlementMethod

Step = Callable[[dt.date], None]
Line = tuple[str, Decimal, Decimal]
DISCOUNTS = ("1", "1", "0.95", "0.92", "0.9")
MANY = 10  # pieces from which a discount is given
FIRST_DAY = -365
REMINDED = 21  # days after an invoice was due
CREDIT_SET = 12  # days ago
GOODS_WITHOUT_LOTS = "滤芯年卡"


@dataclass(slots=True)
class _Diary:
    """What is still to come, in the order of days; of one day in the order in which it was written down."""

    until: dt.date
    steps: list[tuple[dt.date, int, Step]] = field(default_factory=list)
    numbers: count[int] = field(default_factory=count)

    def on(self, day: dt.date, step: Step) -> None:
        """Note a step; what lies after today is left to the visitor."""
        if day <= self.until:
            heapq.heappush(self.steps, (day, next(self.numbers), step))

    def live(self) -> None:
        while self.steps:
            day, _number, step = heapq.heappop(self.steps)
            step(day)


def trade(year: Year) -> int:
    """Every order of the year with all that followed; how many orders there are."""
    diary = _Diary(year.today)
    for name, row in year.habits.items():
        if "buys" in row:
            for day in _days(year, row):
                diary.on(day, _drawn_order(year, diary, name, row))
    for told in year.script["orders"]:
        diary.on(year.day(told["day"]), _told_order(year, diary, told))
    renewal = year.script["renewal"]
    diary.on(year.day(renewal["day"]), _told_order(year, diary, renewal | {"cash": True, "unpaid": True}))
    diary.live()
    _settle_stories(year)
    return Order.objects.count()


def _days(year: Year, row: Row) -> list[dt.date]:
    """Working days on which a customer ordered: more in summer, none before he began or after he quit."""
    times, _basket = row["buys"]
    first, last = -row.get("begins", -FIRST_DAY), -row.get("quits", 0)
    days = [day for offset in range(first, last) if (day := year.day(offset)).weekday() < 5]
    weights = [year.script["season"][day.month - 1] for day in days]
    wanted = max(1, round(times * len(days) / 261))
    return sorted(set(year.chance.choices(days, weights, k=wanted)))


def _drawn_order(year: Year, diary: _Diary, name: str, row: Row) -> Step:
    def step(day: dt.date) -> None:
        lines = _draw_lines(year, year.customers[name], row["buys"][1], day)
        _order(year, diary, name, day, lines, row)

    return step


def _told_order(year: Year, diary: _Diary, told: Row) -> Step:
    def step(day: dt.date) -> None:
        _order(year, diary, told["customer"], day, _told_lines(told), told)

    return step


def _told_lines(told: Row) -> list[Line]:
    return [(name, Decimal(quantity), Decimal(price)) for name, quantity, price in told["lines"]]


def _draw_lines(year: Year, customer: Customer, basket: str, day: dt.date) -> list[Line]:
    goods = year.script["baskets"][basket]
    names = list(goods)
    found = year.chance.choices(names, [goods[name][0] for name in names], k=year.chance.choice((1, 1, 2)))
    lines = []
    for name in dict.fromkeys(found):
        _often, least, most = goods[name]
        quantity = Decimal(year.chance.randint(least, most))
        price = price_of(year, customer, name, day)
        if quantity >= MANY or customer.kind != Customer.Kind.DEALER:
            price = _reduced(year, customer, name, price)
        lines.append((name, quantity, price))
    return lines


def _reduced(year: Year, customer: Customer, product: str, price: Decimal) -> Decimal:
    """Whole yuan, not below the floor."""
    tier = customer.level if customer.kind == Customer.Kind.DEALER else "end_customer"
    floor = Decimal(year.script["prices"]["products"][product][tier][2])
    return max(floor, (price * Decimal(year.chance.choice(DISCOUNTS))).quantize(Decimal(1)))


def _seller(customer: Customer) -> User:
    assert customer.owner is not None
    return customer.owner


def _order(year: Year, diary: _Diary, name: str, day: dt.date, lines: list[Line], row: Row) -> Order:
    customer = year.customers[name]
    order = sales.create_order(
        by=_seller(customer),
        customer=customer,
        ordered_on=day,
        lines=[sales.OrderLineDraft(year.products[product], many, price) for product, many, price in lines],
        settlement_method=SettlementMethod.CASH if row.get("cash") else SettlementMethod.CREDIT,
        sales_method=SalesMethod.DEALER if customer.kind == Customer.Kind.DEALER else SalesMethod.DIRECT,
        note=row.get("note", ""),
    )
    leaves = 0 if row.get("cash") else year.chance.randint(1, 4)
    diary.on(day + dt.timedelta(days=leaves), lambda on: _deliver(year, diary, order, name, on, lines, row))
    return order


def _deliver(
    year: Year, diary: _Diary, order: Order, name: str, day: dt.date, lines: list[Line], row: Row
) -> None:
    """Goods leave with their invoice; to dealers with lots."""
    customer = year.customers[name]
    sales.record_delivery(
        by=year.credit, customer=customer, delivered_on=day, amount=order.total, order=order
    )
    if customer.kind == Customer.Kind.DEALER:
        for product, quantity, _price in lines:
            year.bought[name, product].append((day, quantity))
            if product != GOODS_WITHOUT_LOTS:
                _ship(year, customer, product, quantity, day)
    invoice = sales.issue_invoice(
        by=year.credit,
        customer=customer,
        issued_on=day,
        amount=order.total,
        order=order,
        due_on=day + dt.timedelta(days=row.get("days", 0)),
    )
    if reason := row.get("dispute"):
        sales.dispute_invoice(invoice, by=year.credit, reason=reason)
    if not row.get("unpaid"):
        _expect_money(year, diary, name, invoice, row)


def _ship(year: Year, customer: Customer, product: str, quantity: Decimal, day: dt.date) -> None:
    sign = "ABCDE"[list(year.products).index(product)]
    number = len(year.bought[customer.name, product])
    record_shipment(
        by=year.credit,
        lot=f"X{sign}{day:%y%m%d}-{customer.code[-2:]}{number:02d}",
        product=year.products[product],
        customer=customer,
        shipped_on=day,
        quantity=quantity,
    )


def _expect_money(year: Year, diary: _Diary, name: str, invoice: Invoice, row: Row) -> None:
    """When it will be paid by this customer's habit; one of twelve comes in two parts."""
    earliest, latest = year.script["habits"][row.get("pays", "usual")]
    day = max(invoice.issued_on, invoice.due_on + dt.timedelta(days=year.chance.randint(earliest, latest)))
    parts = [(day, invoice.amount)]
    if year.chance.random() < 1 / 12:
        first = (invoice.amount * Decimal("0.6")).quantize(Decimal(1))
        parts = [(day, first), (day + dt.timedelta(days=18), invoice.amount - first)]
    stops = row.get("stops")
    for on, amount in parts:
        if stops is None or on < year.day(-stops):
            diary.on(on, partial(receive, year, name, amount=amount))


def receive(year: Year, name: str, day: dt.date, amount: Decimal, note: str = "") -> None:
    """Money of a customer, for what is due longest."""
    customer = year.customers[name]
    receipt = sales.record_receipt(
        by=year.credit,
        customer=customer,
        received_on=day,
        amount=amount,
        bank_reference=_reference(day),
        payer=customer.name,
        note=note,
    )
    sales.allocate_oldest_first(receipt, by=year.credit)


def _reference(day: dt.date) -> str:
    return f"BK{day:%Y%m%d}{Receipt.objects.count() + 1:05d}"


def open_of(customer: Customer, **more: object) -> Decimal:
    """What is open of a customer's invoices; ``more`` narrows them."""
    rows = Invoice.objects.filter(
        customer=customer, settled_on__isnull=True, state=Invoice.State.OPEN, **more
    )
    return rows.aggregate(total=Sum("open_amount"))["total"] or Decimal(0)


def _settle_stories(year: Year) -> None:
    """The ends that the talks and the pages need: what is owed to the yuan, disputes, money of nobody."""
    script = year.script
    down, month = script["brought_down"], year.today.replace(day=1)
    much = open_of(year.customers[down["customer"]], issued_on__lt=month) - down["to"]
    if much > 0:
        receive(year, down["customer"], year.day(down["day"]), much, note="滚动付款")
    over = script["over_paid"]
    owed = open_of(year.customers[over["customer"]])
    receive(
        year, over["customer"], year.day(over["day"]), owed + over["over"], note="多付，客户要求抵下次货款"
    )
    for offset, amount, payer in script["unassigned"]:
        day = year.day(offset)
        sales.record_receipt(
            by=year.credit,
            received_on=day,
            amount=Decimal(amount),
            payer=payer,
            bank_reference=_reference(day),
        )
    disputed = _last_invoice(year, script["disputed"]["customer"])
    sales.dispute_invoice(disputed, by=year.credit, reason=script["disputed"]["reason"])
    cancelled = script["cancelled"]
    customer = year.customers[cancelled["customer"]]
    order = _order(
        year,
        _Diary(dt.date.min),
        cancelled["customer"],
        year.day(cancelled["day"]),
        _told_lines(cancelled),
        {},
    )
    sales.cancel_order(order, by=_seller(customer), reason=cancelled["reason"])
    _give_up(year)


def _last_invoice(year: Year, name: str) -> Invoice:
    found = Invoice.objects.filter(
        customer=year.customers[name], settled_on__isnull=True, state=Invoice.State.OPEN
    )
    invoice: Invoice = found.latest("issued_on", "pk")
    return invoice


def _give_up(year: Year) -> None:
    """One debt is asked to be given up; a small part of another one was."""
    asked, given = year.script["write_off"], year.script["written_off"]
    lost = Invoice.objects.filter(customer=year.customers[asked["customer"]], settled_on__isnull=True)
    oldest = lost.earliest("due_on")
    sales.ask_write_off(
        oldest,
        by=year.credit,
        amount=oldest.open_amount,
        reason=asked["reason"],
        at=year.moment(year.day(-5)),
    )
    part = sales.ask_write_off(
        _last_invoice(year, given["customer"]),
        by=year.credit,
        amount=Decimal(given["amount"]),
        reason=given["reason"],
        at=year.moment(year.day(-26)),
    )
    sales.decide_write_off(
        part,
        by=year.people["director"],
        approve=True,
        comment=given["comment"],
        at=year.moment(year.day(-24)),
    )


def keep_credit(year: Year) -> None:
    """Grades and limits from what customers did; then an order that is over the limit; statements and reminders."""
    told, on = year.script["credit"], year.day(-CREDIT_SET)
    for name, row in year.habits.items():
        customer = year.customers[name]
        if name in told:
            grade, limit, days, reason = told[name]
            reasons = [*sales.suggest_credit(customer).reasons, {"text": reason, "points": 0}]
            sales.set_credit(
                customer, by=year.credit, limit=Decimal(limit), days=days, grade=grade, reasons=reasons, on=on
            )
        elif "buys" in row:
            found = sales.suggest_credit(customer)
            sales.set_credit(
                customer, by=year.credit, limit=found.limit, days=found.days, grade=found.grade,
                reasons=found.reasons, on=on,
            )  # fmt: skip
    waiting = year.script["waiting"]
    _order(
        year,
        _Diary(dt.date.min),
        waiting["customer"],
        year.day(waiting["day"]),
        _told_lines(waiting),
        waiting,
    )
    _send_statements(year)
    _remind(year)


def _send_statements(year: Year) -> None:
    end = year.today.replace(day=1)
    start = (end - dt.timedelta(days=1)).replace(day=1)
    sent, answered = year.moment(end, 9), year.moment(min(year.today, end + dt.timedelta(days=4)), 14)
    for answer, names in year.script["statements"].items():
        for name in names:
            statement = sales.make_statement(
                year.customers[name], by=year.credit, start_on=start, end_on=end, at=min(sent, answered)
            )
            if answer == "确认":
                sales.answer_statement(statement, by=year.credit, confirmed=True, at=answered)
            elif answer == "异议":
                words = year.script["dispute_of_statement"]
                sales.answer_statement(statement, by=year.credit, confirmed=False, comment=words, at=answered)


def _remind(year: Year) -> None:
    """What is overdue for three weeks was reminded of when it was; the rest waits for the visitor."""
    late = Invoice.objects.filter(
        due_on__lte=year.day(-REMINDED), settled_on__isnull=True, state=Invoice.State.OPEN
    ).select_related("customer")
    for invoice in late.order_by("due_on", "pk"):
        sales.send_dunning(invoice, by=year.credit, on=invoice.due_on + dt.timedelta(days=REMINDED))
