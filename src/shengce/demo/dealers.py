"""Dealers of the demonstration company: contracts, stock, goods seen where they do not belong, scores."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from shengce.channel import actions as channel
from shengce.channel.models import DiversionCase, PriceCase, Shipment, Sighting
from shengce.demo.script import Row, Year
from shengce.recordings.models import Conversation

MONTHS_SCORED = 6
OPENING = (0.4, 1.0)  # what a dealer had when the year began, against his first delivery
SELLS = (0.55, 1.0)  # the share of his stock that a dealer sells on in a month


def sign_contracts(year: Year) -> None:
    """Who may sell where, from when to when."""
    for number, (name, (start, end, target, deposit)) in enumerate(year.script["contracts"].items(), 1):
        dealer = year.customers[name]
        assert dealer.territory is not None
        channel.save_contract(
            by=year.credit,
            dealer=dealer,
            number=f"HT{year.day(start).year}-{number:03d}",
            territory=dealer.territory,
            start_on=year.day(start),
            end_on=year.day(end),
            target=Decimal(target),
            deposit=Decimal(deposit),
            terms=year.script["terms"],
        )


def count_stock(year: Year) -> None:
    """At the end of each month every dealer said what he had and what he sold on."""
    for name in dict.fromkeys(dealer for dealer, _product in year.bought):
        _count_dealer(year, name)


def _count_dealer(year: Year, name: str) -> None:
    dealer, goods = year.customers[name], [p for d, p in year.bought if d == name]
    assert dealer.owner is not None
    stock = {p: int(float(year.bought[name, p][0][1]) * year.chance.uniform(*OPENING)) for p in goods}
    since = year.day(-366)
    for day in _month_ends(year):
        lines = []
        for product in goods:
            came = sum(int(many) for on, many in year.bought[name, product] if since < on <= day)
            there = stock[product] + came
            sold = int(there * year.chance.uniform(*SELLS))
            stock[product] = there - sold
            lines.append(channel.Counted(year.products[product], Decimal(stock[product]), Decimal(sold)))
        channel.report_stock(by=dealer.owner, dealer=dealer, reported_on=day, lines=lines)
        since = day


def _month_ends(year: Year) -> list[dt.date]:
    """Last days of the twelve months before this one, oldest first."""
    days: list[dt.date] = []
    month = year.today.replace(day=1)
    for _number in range(12):
        last = month - dt.timedelta(days=1)
        days.insert(0, last)
        month = last.replace(day=1)
    return days


def train_dealers(year: Year) -> None:
    """What dealers' people were taught, by whom; where a talk with them of that rep is there, it is the proof of the newest."""
    for row in year.script["trainings"]:
        dealer, trainer = year.customers[row["dealer"]], year.people[row["by"]]
        talks = Conversation.objects.visible_to(trainer).filter(customer=dealer)
        channel.save_training(
            by=trainer,
            dealer=dealer,
            held_on=year.day(row["day"]),
            subject=row["subject"],
            people=row["people"],
            trainer=row.get("trainer", str(trainer)),
            note=row.get("note", ""),
            conversation=talks.order_by("-started_at").first() if row.get("heard") else None,
        )


def see_goods(year: Year) -> None:
    """Labels scanned in the market, and the cases that came of them; the dealer's call belongs to the open one."""
    seen = {}
    for row in year.script["sightings"]:
        sighting = _see(year, row)
        if "key" in row:
            seen[row["key"]] = sighting
    for row in year.script["cases"]:
        _pursue(year, row, seen[row["sighting"]])
    _settle_price_cases(year)


def _see(year: Year, row: Row) -> Sighting:
    day = year.day(row["day"])
    lot = row.get("lot", "")
    if dealer := row.get("lot_of"):
        shipped = Shipment.objects.filter(
            customer=year.customers[dealer], product__name=row["product"], shipped_on__lt=day
        )
        lot = shipped.latest("shipped_on", "pk").lot
    rep = year.people[row["by"]]
    return channel.note_sighting(
        by=rep,
        source=Sighting.Source.SCAN if lot else Sighting.Source.REPORT,
        product=year.products[row["product"]],
        lot=lot,
        place=row["place"],
        price=Decimal(row["price"]) if "price" in row else None,
        seller=row.get("seller", ""),
        note=row.get("note", ""),
        customer=year.customers[row["told_by"]] if "told_by" in row else None,
        seen_at=year.moment(day, 15, 20),
    )


def _pursue(year: Year, row: Row, sighting: Sighting) -> DiversionCase:
    """As far as the script goes: the first one waits for the other side, the second one is closed."""
    by, other_side = year.people[row["by"]], year.people[row["suspect_side"]]
    seen_on = timezone.localdate(sighting.seen_at)

    def after(days: int) -> dt.datetime:
        return year.moment(seen_on + dt.timedelta(days=days), 9 + days % 7, 15)

    case = channel.open_case(by=by, text=row["open"], sighting=sighting, at=after(1))
    for heard in Sighting.objects.filter(
        source=Sighting.Source.TALK, case__isnull=True, rep=sighting.rep, product=sighting.product
    ):
        case = channel.add_sighting(case, heard, by=by, at=after(2))
    answer_by = timezone.localdate(after(2)) + dt.timedelta(days=row["answer_in"])
    case = channel.ask_statement(case, by=by, text=row["ask"], answer_by=answer_by, at=after(2))
    if "statement" not in row:
        return case
    case = channel.record_statement(case, by=other_side, text=row["statement"], at=after(4))
    case = channel.decide_case(
        case,
        by=by,
        verdict=DiversionCase.Verdict.PROVEN,
        text=row["decision"],
        penalty=Decimal(row["penalty"]),
        at=after(7),
    )
    return channel.close_case(case, by=by, text=row["close"], at=after(20))


def _settle_price_cases(year: Year) -> None:
    for product, (state, comment) in year.script["price_cases"].items():
        found = PriceCase.objects.filter(product=year.products[product], sighting__isnull=False)
        for case in found.filter(state=PriceCase.State.OPEN):
            channel.settle_price_case(case, by=year.people["director"], state=state, comment=comment)


def score_dealers(year: Year) -> None:
    """How well each worked with us in the last months, this one too."""
    month = year.today.replace(day=1)
    for _number in range(MONTHS_SCORED):
        channel.compute_cooperation(month=month, by=year.credit)
        month = (month - dt.timedelta(days=1)).replace(day=1)
