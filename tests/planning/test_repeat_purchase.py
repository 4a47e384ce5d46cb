"""BG/NBD and gamma-gamma: the published CDNOW answers, properties, and data that say too little."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning import repeat_purchase as model
from shengce.planning.repeat_purchase import NoFit, Purchasing, Spending
from tests.conftest import SHARED_DATA

CDNOW = SHARED_DATA / "cdnow"
FITTED = Purchasing(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(scope="module")
def cdnow() -> Path:
    if not CDNOW.is_dir():
        pytest.skip("shared/data/cdnow is not on this machine")
    return CDNOW


def columns(path: Path, *names: str) -> list[np.ndarray[Any, Any]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[name]) for row in rows]) for name in names]


def answers(folder: Path, part: str) -> Any:
    key = json.loads((folder / "ANSWER_KEY.json").read_text(encoding="utf-8"))
    return next(value for name, value in key.items() if name.startswith(part))


def test_the_published_purchasing_parameters(cdnow: Path) -> None:
    fitted = model.fit(*columns(cdnow / "cdnow_customers_summary.csv", "frequency", "recency", "T"))
    for name, value in answers(cdnow, "BG/NBD").items():
        assert getattr(fitted, name) == pytest.approx(value, abs=0.005), name
    # Table 2 of Fader, Hardie, Lee (2005)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert (fitted.customers, fitted.repeaters, fitted.edges) == (2357, 946, ())
    # The customer of the authors' spreadsheet note (brucehardie.com/notes/004): 1.226 purchases in 39 weeks.
    assert model.expected_purchases(fitted, 39, [2], [30.43], [38.86])[0] == pytest.approx(1.226, abs=0.0005)


def test_the_likelihood_does_not_depend_on_the_unit_of_time_but_by_its_scale(cdnow: Path) -> None:
    x, last, age = columns(cdnow / "cdnow_customers_summary.csv", "frequency", "recency", "T")
    weeks, days = model.fit(x, last, age), model.fit(x, last * 7, age * 7)
    assert (days.r, days.a, days.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-4)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-4)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - x.sum() * math.log(7), abs=1e-3)


def test_the_published_spending_parameters(cdnow: Path) -> None:
    x, value = columns(cdnow / "cdnow_customers_summary_with_transactions.csv", "x", "zbar")
    fitted = model.fit_values(x, value)
    for name, expected in answers(cdnow, "Gamma-Gamma (").items():
        assert getattr(fitted, name) == pytest.approx(expected, abs=0.01), name
    shown = model.expected_value(fitted, x[:10], value[:10])
    assert shown == pytest.approx(answers(cdnow, "Gamma-Gamma expected"), abs=0.01)
    assert (fitted.customers, fitted.edges) == (946, ())
    # No worse than at the published, rounded parameters: the sum over customers, written out by hand.
    published = Spending(6.25, 3.74, 15.44)
    assert fitted.log_likelihood >= by_hand(published, x, value)
    assert fitted.log_likelihood == pytest.approx(by_hand(fitted, x, value), abs=1e-6)


def by_hand(at: Spending, x: Any, value: Any) -> float:
    total = 0.0
    for n, z in zip(x.astype(int).tolist(), value.tolist(), strict=True):
        if n > 0:
            total += math.lgamma(at.p * n + at.q) - math.lgamma(at.p * n) - math.lgamma(at.q)
            total += at.q * math.log(at.v) + (at.p * n - 1) * math.log(z) + at.p * n * math.log(n)
            total -= (at.p * n + at.q) * math.log(at.v + n * z)
    return total


def poles() -> list[tuple[float, float, float]]:
    return [(1.0, 2.0, 0), (0.4, 0.6, 0), (1.0, 1.0, 3), (0.25, 0.75, 1)]


@pytest.mark.parametrize(("a", "b", "x"), poles())
def test_the_expectation_has_no_holes_where_the_papers_formula_has(a: float, b: float, x: int) -> None:
    """At a = 1 and a + b + x = 1 equation 10 is 0/0; its neighbours on both sides enclose the value."""

    def at(shift: float) -> float:
        near = Purchasing(0.6, 5.0, a + shift, b)
        return float(model.expected_purchases(near, 12, [x], [6.0 if x else 0.0], [10.0])[0])

    low, here, high = sorted((at(-1e-6), at(0.0), at(1e-6)))
    assert math.isfinite(here)
    assert here == pytest.approx(at(0.0))
    assert high - low < 1e-5


def numerically(at: Purchasing, t: float, x: int, last: float, age: float) -> float:
    """The expectation by brute force: a fine midpoint rule over the beta density in a variable without a pole."""
    alpha, beta = at.a, at.b + x
    u = (np.arange(400_000) + 0.5) / 400_000
    p = u ** (1 / alpha)  # p^(a−1) dp = du / a
    density = (1 - p) ** (beta - 1)
    bought = (1 - ((at.alpha + age) / (at.alpha + age + p * t)) ** (at.r + x)) / p
    mean = float((bought * density).sum() / density.sum())
    return mean * float(model.probability_alive(at, [x], [last], [age])[0])


@pytest.mark.parametrize("a", [0.3, 0.793, 1.0, 2.5])
@pytest.mark.parametrize("x", [0, 1, 2, 25])
def test_the_expectation_against_brute_force(a: float, x: int) -> None:
    at = Purchasing(0.8, 6.0, a, 2.4)
    last = 30.0 if x else 0.0
    got = float(model.expected_purchases(at, 39, [x], [last], [38.86])[0])
    assert got == pytest.approx(numerically(at, 39, x, last, 38.86), rel=2e-4)


def test_a_new_customer_is_worth_what_equation_9_says() -> None:
    """E[X(t)] = (a+b−1)/(a−1) · (1 − (α/(α+t))^r · 2F1(r, b; a+b−1; t/(α+t))), the series summed here."""
    r, alpha, a, b, t = FITTED.r, FITTED.alpha, FITTED.a, FITTED.b, 52.0
    z, term, total = t / (alpha + t), 1.0, 1.0
    for k in range(3000):
        term *= (r + k) * (b + k) / (a + b - 1 + k) * z / (k + 1)
        total += term
    expected = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * total)
    assert model.expected_of_new(FITTED, t) == pytest.approx(expected, rel=1e-9)


# ── properties

calm = settings(max_examples=60, deadline=None)  # shared machines stall; what is tested is not the time
positive = st.floats(1e-3, 1e3)
parameters = st.builds(Purchasing, r=positive, alpha=positive, a=positive, b=positive)
histories = st.tuples(st.integers(1, 200), st.floats(0.01, 0.99), st.floats(0.1, 500))


@calm
@given(at=parameters, history=histories, t=st.floats(0, 500))
def test_probabilities_and_expectations_are_what_they_are_called(
    at: Purchasing, history: tuple[int, float, float], t: float
) -> None:
    x, share, age = history
    alive = model.probability_alive(at, [x, 0], [share * age, 0], [age, age])
    assert ((alive >= 0) & (alive <= 1)).all()
    assert alive[1] == 1
    expected = model.expected_purchases(at, t, [x, 0], [share * age, 0], [age, age])
    assert np.isfinite(expected).all()
    assert (expected >= 0).all()


@calm
@given(at=parameters, history=histories, t=st.floats(0.1, 500))
def test_who_bought_later_is_more_likely_here_and_buys_more(
    at: Purchasing, history: tuple[int, float, float], t: float
) -> None:
    x, share, age = history
    lasts = np.array([share * 0.5, share, 1.0]) * age
    same = ([x] * 3, lasts, [age] * 3)
    alive, expected = model.probability_alive(at, *same), model.expected_purchases(at, t, *same)
    assert (np.diff(alive) >= -1e-12).all()
    assert (np.diff(expected) >= -1e-9 * expected[-1]).all()


@calm
@given(at=parameters, x=st.integers(1, 150), age=st.floats(0.1, 500))
def test_who_bought_today_is_more_likely_here_the_more_he_bought(at: Purchasing, x: int, age: float) -> None:
    alive = model.probability_alive(at, [x, x + 1], [age, age], [age, age])
    assert alive[1] >= alive[0]


@calm
@given(at=parameters, history=histories, t=st.floats(0.1, 200))
def test_more_time_brings_no_less(at: Purchasing, history: tuple[int, float, float], t: float) -> None:
    x, share, age = history
    short, long = (
        float(model.expected_purchases(at, span, [x], [share * age], [age])[0]) for span in (t, 2 * t)
    )
    assert short - 1e-12 <= long <= 2 * short + 1e-9  # he can leave, but not come faster


@calm
@given(
    at=st.builds(Spending, p=st.floats(0.05, 50), q=st.floats(1.05, 50), v=st.floats(0.01, 1e4)),
    x=st.integers(1, 100),
    value=st.floats(0.01, 1e6),
)
def test_the_value_to_come_lies_between_his_own_and_everybodys(at: Spending, x: int, value: float) -> None:
    expected, unknown = model.expected_value(at, [x, 0], [value, 0]).tolist()
    low, high = sorted((value, at.mean))
    assert low * (1 - 1e-9) <= expected <= high * (1 + 1e-9)
    assert unknown == pytest.approx(at.mean)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_history_is_fitted_or_refused_but_never_nan(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 12))
    x = data.draw(st.lists(st.integers(0, 9), min_size=number, max_size=number))
    age = data.draw(st.lists(st.floats(0.2, 300), min_size=number, max_size=number))
    share = data.draw(st.lists(st.floats(0.01, 1), min_size=number, max_size=number))
    last = [s * t if n else 0.0 for n, s, t in zip(x, share, age, strict=True)]
    try:
        fitted = model.fit(x, last, age, least_repeaters=1)
    except NoFit as problem:
        assert problem.code == "too_few_repeaters"
        assert not any(x)
        return
    numbers = [fitted.r, fitted.alpha, fitted.a, fitted.b, fitted.log_likelihood]
    assert all(math.isfinite(n) for n in numbers)
    assert np.isfinite(model.expected_purchases(fitted, 13, x, last, age)).all()


def simulated(number: int, seed: int = 5) -> tuple[Any, Any, Any]:
    """Customers who buy as the model says, with a known answer."""
    dice = np.random.default_rng(seed)
    rate, leave = dice.gamma(1.5, 1 / 6, number), dice.beta(0.6, 6, number)
    age = dice.uniform(8, 52, number)
    x, last = np.zeros(number, int), np.zeros(number)
    for i in range(number):
        at = dice.exponential(1 / rate[i])
        while at <= age[i]:
            x[i], last[i] = x[i] + 1, at
            if dice.random() < leave[i]:
                break
            at += dice.exponential(1 / rate[i])
    return x, last, age


def test_known_parameters_are_found_again() -> None:
    fitted = model.fit(*simulated(6000))
    assert (fitted.r, fitted.alpha) == pytest.approx((1.5, 6.0), rel=0.12)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(0.6 / 6.6, rel=0.15)
    assert fitted.edges == ()


# ── data that say too little

NOBODY_AGAIN = ([0] * 200, [0.0] * 200, [20.0] * 200)


@pytest.mark.parametrize(
    "rows",
    [([], [], []), ([3], [9.0], [10.0]), NOBODY_AGAIN, ([1] * 49, [4.0] * 49, [5.0] * 49)],
    ids=["nobody", "one", "nobody again", "one too few"],
)
def test_too_few_are_not_guessed_from(rows: tuple[list[int], list[float], list[float]]) -> None:
    with pytest.raises(NoFit) as refused:
        model.fit(*rows)
    assert refused.value.code == "too_few_repeaters"
    assert refused.value.found == sum(n > 0 for n in rows[0])
    assert refused.value.least == model.LEAST_REPEATERS


def test_customers_who_are_all_alike_give_a_limiting_case_that_says_so() -> None:
    """Everybody bought as often, at one age, until today: nothing tells customers apart, and nobody is seen to leave."""
    rows = ([5] * 80, [10.0] * 80, [10.0] * 80)
    fitted = model.fit(*rows)
    assert "r" in fitted.edges
    expected = model.expected_purchases(fitted, 10, *rows)
    assert expected == pytest.approx(5, rel=0.25)


def test_equal_ages_are_fitted() -> None:
    x, last, _age = simulated(600)
    fitted = model.fit(x, last, np.full(600, 52.0))
    assert all(math.isfinite(n) and n > 0 for n in (fitted.r, fitted.alpha, fitted.a, fitted.b))


@pytest.mark.parametrize(
    "rows",
    [
        ([1], [5.0], [4.0]),
        ([1], [0.0], [4.0]),
        ([0], [1.0], [4.0]),
        ([-1], [1.0], [4.0]),
        ([1.5], [1.0], [4.0]),
        ([1], [math.nan], [4.0]),
        ([1], [1.0], [math.inf]),
        ([1, 2], [1.0], [4.0]),
        ([1], [1.0], [4.0, 5.0]),
    ],
)
def test_impossible_histories_are_refused(rows: tuple[Any, Any, Any]) -> None:
    with pytest.raises(ValueError, match=r"recency|rows|numbers|whole|age"):
        model.fit(*rows)
    with pytest.raises(ValueError, match=r"recency|rows|numbers|whole|age"):
        model.expected_purchases(FITTED, 1, *rows)


@pytest.mark.parametrize("within", [-1.0, math.nan, math.inf])
def test_time_ahead_is_a_number(within: float) -> None:
    with pytest.raises(ValueError, match="ahead"):
        model.expected_purchases(FITTED, within, [1], [1.0], [2.0])


def test_values_spread_without_a_mean_are_refused() -> None:
    dice = np.random.default_rng(3)
    wild = dice.pareto(0.5, 300) + 0.01
    with pytest.raises(NoFit) as refused:
        model.fit_values(np.full(300, 50), wild)
    assert refused.value.code == "no_mean"


def test_values_need_customers_too() -> None:
    with pytest.raises(NoFit) as refused:
        model.fit_values([1] * 20 + [0] * 100, [5.0] * 20 + [0.0] * 100)
    assert (refused.value.code, refused.value.found) == ("too_few_repeaters", 20)
