"""Money over debts: to the cent, oldest first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.planning.settlement import OpenDebt, Share, oldest_first

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy

SUMS = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)
DEBTS = st.lists(
    st.builds(lambda due, amount: (due, amount), st.dates(date(2026, 1, 1), date(2026, 12, 31)), SUMS),
    max_size=8,
)


@UNHURRIED
@given(SUMS, DEBTS)
def test_to_the_cent_and_oldest_first(money: Decimal, rows: list[tuple[date, Decimal]]) -> None:
    debts = [OpenDebt(number, due, amount) for number, (due, amount) in enumerate(rows)]
    shares, left = oldest_first(money, debts)
    by_key = {debt.key: debt for debt in debts}
    assert sum((share.amount for share in shares), left) == money
    assert all(0 < share.amount <= by_key[share.key].amount for share in shares)
    dues = [by_key[share.key].due_on for share in shares]
    assert dues == sorted(dues)
    # A younger debt gets money only when every older one is paid in full.
    paid = {share.key: share.amount for share in shares}
    for debt in debts:
        if paid.get(debt.key, 0) < debt.amount:
            assert left == 0
            assert not any(paid.get(other.key) for other in debts if other.due_on > debt.due_on)


def test_an_example() -> None:
    debts = [
        OpenDebt("b", date(2026, 2, 1), Decimal(50)),
        OpenDebt("a", date(2026, 1, 1), Decimal(30)),
        OpenDebt("c", date(2026, 3, 1), Decimal(10)),
    ]
    assert oldest_first(Decimal(60), debts) == ([Share("a", Decimal(30)), Share("b", Decimal(30))], 0)
    assert oldest_first(Decimal(100), debts)[1] == 10
    assert oldest_first(Decimal(5), []) == ([], 5)
