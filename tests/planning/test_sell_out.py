"""Stock, purchases and what was sold on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.sell_out import Bought, Count, by_month, months_from, next_month

JAN, FEB, MAR = dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)


def test_opening_and_bought_less_closing_is_sold() -> None:
    counts = [Count(dt.date(2026, 1, 31), D(40)), Count(dt.date(2026, 2, 28), D(25))]
    bought = [Bought(dt.date(2026, 2, 10), D(30)), Bought(dt.date(2026, 1, 20), D(99))]
    january, february, march = by_month([JAN, FEB, MAR], counts, bought)
    assert (january.opening, january.sell_in, january.closing, january.sell_out) == (None, 99, 40, None)
    assert (february.opening, february.sell_in, february.sell_out) == (40, 30, 45)
    assert (february.stated, february.since) == (False, dt.date(2026, 1, 31))
    assert (march.opening, march.closing, march.sell_out) == (25, None, None)


def test_what_the_dealer_says_goes_first_and_the_difference_is_told() -> None:
    counts = [Count(dt.date(2026, 1, 31), D(40)), Count(dt.date(2026, 2, 28), D(25), D(50))]
    month = by_month([FEB], counts, [Bought(dt.date(2026, 2, 10), D(30))])[0]
    assert (month.sell_out, month.stated, month.differs) == (50, True, 5)


def test_a_purchase_after_the_count_belongs_to_the_next() -> None:
    counts = [
        Count(dt.date(2026, 1, 31), D(0)),
        Count(dt.date(2026, 2, 20), D(10)),
        Count(dt.date(2026, 3, 31), D(0)),
    ]
    bought = [Bought(dt.date(2026, 2, 20), D(10)), Bought(dt.date(2026, 2, 21), D(5))]
    february, march = by_month([FEB, MAR], counts, bought)
    assert (february.sell_in, february.sell_out) == (15, 0)
    assert (march.sell_in, march.sell_out) == (0, 15)


def test_months_follow_over_the_year() -> None:
    assert next_month(dt.date(2026, 12, 1)) == dt.date(2027, 1, 1)
    assert months_from(dt.date(2026, 11, 15), dt.date(2027, 1, 2)) == [
        dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 1, 1),
    ]  # fmt: skip


DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 31))


@given(
    st.lists(st.tuples(DAYS, st.integers(0, 500)), unique_by=lambda pair: pair[0], min_size=1),
    st.lists(st.tuples(DAYS, st.integers(-50, 500))),
)
def test_nothing_gets_lost_between_the_first_and_the_last_count(
    counted: list[tuple[dt.date, int]], bought: list[tuple[dt.date, int]]
) -> None:
    """Sold over all months + last stock = first stock + what was bought between the two."""
    counts = [Count(day, D(stock)) for day, stock in counted]
    months = by_month(
        months_from(dt.date(2025, 1, 1), dt.date(2025, 12, 31)), counts, [Bought(d, D(q)) for d, q in bought]
    )
    ordered = sorted(counted)
    closing = {month.month: month for month in months if month.closing is not None}
    first_month = ordered[0][0].replace(day=1)
    start = max(day for day, _stock in ordered if day.replace(day=1) == first_month)
    end = ordered[-1][0]
    between = sum(q for d, q in bought if start < d <= end)
    sold = sum((m.sell_out for key, m in closing.items() if key > first_month), D(0))
    assert sold + ordered[-1][1] == dict(ordered)[start] + between
