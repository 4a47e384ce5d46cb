"""Sums are made anew for the days whose records have changed, and only for those.

No record tells that it was changed. So each day has a fingerprint: how many records count, and a checksum over everything
they are summed by. A day whose fingerprint is another one than when it was counted is counted again. That finds what was
added, cancelled, moved to another rep, customer, territory or day, whoever did it.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, F, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, Length, Round, StrIndex
from django.utils import timezone

from shengce.attainment.models import (
    GRAINS,
    REP_DAY,
    Actual,
    CountedDay,
    Counting,
    CustomerMonthActual,
    DayActual,
    Grain,
    MonthActual,
    RepDayActual,
)
from shengce.catalogue.models import ProductCost
from shengce.planning.periods import Span
from shengce.sales.models import SalesMethod, SettlementMethod
from shengce.targets.sources import KEYS, SOURCES, Source

LATEST_DAYS = 70
"""What is looked at every time; all days are looked at once a day."""
PRIME = 1_000_003
FACTORS = {"rep": 7919, "unit": 104729, "product_line": 15013, "territory": 27644, "customer": 6133}
METHODS = {
    "settlement_method": (" ".join(SettlementMethod.values), 331),
    "sales_method": (" ".join(SalesMethod.values), 617),
}
END_OF_DAYS = dt.date(2200, 1, 1)


def refresh(*, today: dt.date, whole: bool = False) -> int:
    """Bring the sums up to date; says how many days were counted anew. ``whole``: look at all days, not only the latest.

    May be called at any time and by several processes. Each month is a transaction of its own, so that nobody waits long;
    what changes while it is counted has another fingerprint the next time.
    """
    counting, new = Counting.objects.get_or_create(pk=1)
    whole = whole or new or counting.whole_on is None or counting.whole_on < today
    since = None if whole else today - dt.timedelta(days=LATEST_DAYS)
    costs = _checksum_of_costs()
    look = {
        source.metric: None if source.of_costs and costs != counting.costs else since for source in SOURCES
    }
    counted = sum(
        _refresh_source(source, look[source.metric], empty=source.of_costs and not costs)
        for source in SOURCES
    )
    counting.counted_at, counting.costs = timezone.now(), costs
    if whole:
        counting.whole_on = today
    counting.save()
    return counted


def _checksum_of_costs() -> int:
    """A number from all costs; 0 for none. Costs are few, and one that is changed works on days long ago."""
    words = ProductCost.objects.order_by("pk").values_list("pk", "product_id", "start_on", "amount")
    return (
        zlib.crc32(repr([(pk, of, str(on), f"{cost:.2f}") for pk, of, on, cost in words]).encode())
        if words
        else 0
    )


def _refresh_source(source: Source, since: dt.date | None, *, empty: bool = False) -> int:
    """``empty``: nothing counts, as for gross profit where no cost at all is known."""
    span = None if since is None else Span(since, END_OF_DAYS)
    with transaction.atomic():
        _look_up_costs(source)
        now = {} if empty else fingerprints(source, span)
    counted = CountedDay.objects.filter(metric=source.metric)
    if since is not None:
        counted = counted.filter(day__gte=since)
    before = {row[0]: row[1:] for row in counted.values_list("day", "records", "checksum")}
    changed = sorted(day for day in now.keys() | before.keys() if now.get(day) != before.get(day))
    for month, days in _by_month(changed):
        with transaction.atomic():
            Counting.objects.select_for_update().get(pk=1)
            _look_up_costs(source)
            _count_days(source, days)
            _count_month(source, month)
            CountedDay.objects.filter(metric=source.metric, day__in=days).delete()
            CountedDay.objects.bulk_create(
                CountedDay(metric=source.metric, day=day, records=now[day][0], checksum=now[day][1])
                for day in days
                if day in now
            )
    return len(changed)


def _look_up_costs(source: Source) -> None:
    """Until the end of the transaction PostgreSQL looks up the cost of each line in the index. By its usual settings, which are those
    of turning disks, it would read the small table of all costs anew for each of millions of lines: four times as long.
    """
    if source.of_costs and connection.vendor == "postgresql":
        with connection.cursor() as database:
            database.execute("SET LOCAL random_page_cost = 1.1")


def fingerprints(source: Source, span: Span | None) -> dict[dt.date, tuple[int, int]]:
    """How many records each day has, and their checksum. Days without records are absent."""
    rows = source.records(span).annotate(_check=_checksum(source)).order_by()
    grouped = rows.values_list(source.day).annotate(Count("pk"), Sum("_check"))
    return {day: (records, int(check or 0)) for day, records, check in grouped}


def _checksum(source: Source) -> Any:
    """A number under ``PRIME`` from all columns of a record; the same in both databases, without overflow."""
    total: Any = F("pk") * 37
    for key, lookup in source.columns.items():
        if key in FACTORS:
            total = total + Coalesce(F(lookup), 0) * FACTORS[key]
        else:
            words, factor = METHODS[key]
            total = total + StrIndex(Value(words), F(lookup)) * factor + Length(lookup) * 13
    if source.value:
        total = total + Cast(F(source.value) * 100, BigIntegerField()) * 41
    return total % PRIME


def _by_month(days: Iterable[dt.date]) -> Iterator[tuple[dt.date, list[dt.date]]]:
    grouped: dict[dt.date, list[dt.date]] = defaultdict(list)
    for day in days:
        grouped[day.replace(day=1)].append(day)
    yield from grouped.items()


def _count_days(source: Source, days: list[dt.date]) -> None:
    DayActual.objects.filter(metric=source.metric, day__in=days).delete()
    span = Span(days[0], days[-1] + dt.timedelta(days=1))
    records = source.records(span).filter(**{f"{source.day}__in": days})
    _insert(DayActual, _summed(source, records, ("day", *GRAINS[Grain.ALL])), metric=source.metric)
    RepDayActual.objects.filter(metric=source.metric, day__in=days).delete()
    made = DayActual.objects.filter(metric=source.metric, day__in=days).order_by()
    names = {f"k_{key}": F(_column(key)) for key in ("day", *REP_DAY)}
    sums = made.values(**names).annotate(k_amount=Sum("amount"))
    _insert(RepDayActual, sums, metric=source.metric)


def _count_month(source: Source, month: dt.date) -> None:
    """A month's sums from its days, grain by grain, and those by customer from the records."""
    end = next_month(month)
    MonthActual.objects.filter(metric=source.metric, month=month).delete()
    days = DayActual.objects.filter(metric=source.metric, day__gte=month, day__lt=end).order_by()
    for grain, keys in GRAINS.items():
        names = {f"k_{key}": F(_column(key)) for key in keys}
        sums = days.values(**names).annotate(k_amount=Sum("amount"))
        _insert(MonthActual, sums, metric=source.metric, month=month, grain=str(grain))
    CustomerMonthActual.objects.filter(metric=source.metric, month=month).delete()
    records = source.records(Span(month, end))
    _insert(CustomerMonthActual, _summed(source, records, KEYS), metric=source.metric, month=month)


def _summed(source: Source, records: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any]:
    """The sums of records by ``keys`` in minor units, as ``k_<key>`` and ``k_amount``; what records do not know is left out.

    SQLite adds decimals as binary fractions; cents are exact after rounding.
    """
    lookups = {"day": source.day, **source.columns}
    names = {f"k_{key}": F(lookups[key]) for key in keys if key in lookups}
    total: Any = Cast(Round(Sum(source.value) * 100), BigIntegerField()) if source.value else Count("pk")
    sums: QuerySet[Any] = records.order_by().values(**names).annotate(k_amount=total)
    return sums


def _insert(table: type[Actual], sums: QuerySet[Any], **constants: Any) -> None:
    """Write the rows of a query into a table of sums within the database: of millions of rows none comes here."""
    found = [str(name) for name in (*sums.query.values_select, *sums.query.annotation_select)]
    columns = {_column(name.removeprefix("k_")): f"q.{name}" for name in found if name.startswith("k_")}
    for key in METHODS:
        if key in columns:
            columns[key] = f"COALESCE(q.k_{key}, '')"
        else:
            constants[key] = ""
    inner, parameters = sums.query.sql_with_params()
    quoted = [connection.ops.quote_name(name) for name in (*constants, *columns)]
    values = [*("%s" for _name in constants), *columns.values()]
    with connection.cursor() as database:
        database.execute(
            f"INSERT INTO {connection.ops.quote_name(table._meta.db_table)} ({', '.join(quoted)}) "
            f"SELECT {', '.join(values)} FROM ({inner}) q",
            [*constants.values(), *parameters],
        )


def minor(total: Any, *, counted: bool) -> int:
    """A sum in minor units. SQLite adds decimals as binary fractions; cents are exact after rounding."""
    if total is None:
        return 0
    return int(total) if counted else int((Decimal(total) * 100).to_integral_value())


def _column(key: str) -> str:
    return key if key in METHODS or key in ("day", "amount") else f"{key}_id"


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
