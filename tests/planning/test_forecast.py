"""Forecasts against seasonal naive and their ranges against what came; the figures are printed with ``-s``."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning.forecast import BY_DAY, NoForecast, forecast, mase, smape
from shengce.planning.forecast_trials import WEEK_KINDS, Trial, made_weeks, measured
from shengce.planning.smoothing import candidates, seasonal_factors, theta
from tests.planning.forecast_series import KINDS, SEASON, cdnow_weeks, made

SERIES = 40


def _measured(kind: str, known: int, horizon: int) -> dict[str, float]:
    ours, naive, single, summed, scaled, percent = 0.0, 0.0, [], [], [], []
    for seed in range(SERIES):
        series = made(kind, known + horizon, seed=seed)
        history, came = series[:known], series[known:]
        said = forecast(history, horizon=horizon)
        means = np.array([each.mean for each in said.periods])
        ours += float(np.abs(came - means).mean())
        naive += float(np.abs(came - candidates(history, horizon, 12)["naive"]).mean())
        single += [each.low <= value <= each.high for each, value in zip(said.periods, came, strict=True)]
        summed.append(said.total.low <= came.sum() <= said.total.high)
        scaled.append(mase(came - means, history, 12))
        percent.append(smape(came, means))
    return {
        "against_naive": ours / naive,
        "mase": float(np.mean(scaled)),
        "smape": float(np.mean(percent)),
        "covered": float(np.mean(single)),
        "sums_covered": float(np.mean(summed)),
    }


@pytest.mark.parametrize(("known", "horizon"), [(36, 3), (60, 6)])
def test_better_than_seasonal_naive_and_ranges_hold(known, horizon):
    found = {kind: _measured(kind, known, horizon) for kind in KINDS}
    for kind, row in found.items():
        print(f"{known} months, {horizon} ahead, {kind:13}", {k: round(v, 2) for k, v in row.items()})
        assert row["against_naive"] < 1.0, kind
        assert row["covered"] > 0.66, kind
    assert np.mean([row["against_naive"] for row in found.values()]) < 0.85
    assert 0.76 <= np.mean([row["covered"] for row in found.values()]) <= 0.92
    assert 0.76 <= np.mean([row["sums_covered"] for row in found.values()]) <= 0.94


def test_cdnow_weeks():
    from tests.conftest import SHARED_DATA

    folder = SHARED_DATA / "cdnow"
    if not folder.is_dir():
        pytest.skip("shared/data/cdnow is not on this machine")
    weeks = cdnow_weeks(folder)
    ours, seasonal, last, covered, sums, percent = [], [], [], [], [], []
    for known in range(30, 75):
        history, came = weeks[:known], weeks[known : known + 4]
        said = forecast(history, horizon=4, season=52)
        means = np.array([each.mean for each in said.periods])
        ours.append(np.abs(came - means).mean())
        percent.append(smape(came, means))
        last.append(np.abs(came - weeks[known - 1]).mean())
        seasonal.append(np.abs(came - candidates(history, 4, 52)["naive"]).mean())
        covered += [each.low <= value <= each.high for each, value in zip(said.periods, came, strict=True)]
        sums.append(said.total.low <= came.sum() <= said.total.high)
    late = slice(22, None)  # from week 52 on, where a season ago is known
    print(
        f"CDNOW, 4 weeks ahead, {len(ours)} origins: error {np.mean(ours):.0f} dollars a week, last value "
        f"{np.mean(last):.0f}, sMAPE {np.mean(percent):.1f} %; from week 52 on: {np.mean(ours[late]):.0f} against seasonal naive "
        f"{np.mean(seasonal[late]):.0f}; covered {np.mean(covered):.2f}, sums {np.mean(sums):.2f}"
    )
    assert np.mean(ours) < np.mean(last)
    assert np.mean(ours[late]) < np.mean(seasonal[late])
    assert np.mean(covered) > 0.7


def _weeks(kind, *, with_days):
    rows = [made_weeks(kind, 124, seed=seed) for seed in range(12)]
    found = measured(Trial(values, 40, 40, 4, 52, days if with_days else None) for values, days in rows)
    print(f"weeks, 4 ahead, {kind:12}", "with days" if with_days else "without  ", found)
    return found


@pytest.mark.parametrize("kind", WEEK_KINDS)
def test_weeks_and_the_moving_spring_festival(kind):
    """Working days help where work makes the sales, and hurt nowhere; ranges hold."""
    plain, by_day = _weeks(kind, with_days=False), _weeks(kind, with_days=True)
    assert by_day.covered > 0.72
    assert by_day.sums_covered > 0.7
    if kind == "worked":
        assert by_day.against_naive < 0.85 * plain.against_naive
        assert by_day.width < plain.width
    else:
        assert by_day.against_naive < 1.05 * plain.against_naive


def test_a_week_without_work_is_foreseen_empty():
    values, days = made_weeks("worked", 100, seed=3)
    assert 0 in days[:90]
    said = forecast(values[:90], horizon=2, season=52, days=[*days[:90], 0, 5])
    assert said.method.endswith(BY_DAY)
    assert said.periods[0].mean < 0.1 * said.periods[1].mean


def test_days_must_fit():
    with pytest.raises(ValueError, match="days"):
        forecast([5.0, 6.0] * 10, horizon=2, days=[20] * 21)
    with pytest.raises(ValueError, match="days"):
        forecast([5.0, 6.0] * 10, horizon=2, days=[20] * 21 + [-1])
    same = forecast([5.0, 6.0] * 10, horizon=2, days=[20] * 22)
    assert same == forecast([5.0, 6.0] * 10, horizon=2)


def test_errors_follow_the_level():
    """The range of a slack time is that of a slack time, not of the busy one behind it."""
    dice = np.random.default_rng(7)
    busy, slack = dice.poisson(100, 40), dice.poisson(4, 14)
    said = forecast(np.concatenate([busy, slack]).astype(float), horizon=1, season=1)
    steady = forecast(busy.astype(float), horizon=1, season=1)
    assert said.periods[0].high - said.periods[0].mean < steady.periods[0].high - steady.periods[0].mean


def test_known_answers():
    steady = forecast([100.0] * 24, horizon=3)
    assert [(each.low, each.mean, each.high) for each in steady.periods] == [(100, 100, 100)] * 3
    assert steady.total.mean == pytest.approx(300)
    line = np.arange(1.0, 25.0)
    assert theta(line, 2) == pytest.approx(theta(line, 1)[0] + np.array([0, 0.5]))
    pure = np.tile(SEASON, 4)
    assert seasonal_factors(pure, 12).values == pytest.approx(SEASON / SEASON.mean())
    assert forecast(pure, horizon=12).periods[6].mean == pytest.approx(1.7)


def test_noise_has_no_season():
    spread = [np.std(seasonal_factors(made("level", 48, seed=s), 12).values) for s in range(20)]
    with_season = [np.std(seasonal_factors(made("season", 48, seed=s), 12).values) for s in range(20)]
    assert np.mean(spread) < 0.25 * np.mean(with_season)


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ([], "short"),
        ([5] * 9, "short"),
        ([0] * 40, "short"),
        ([0] * 30 + [5] * 3, "short"),
        ([5] + [0] * 20 + [5], "rare"),
        ([1.0, math.nan] * 10, "not_a_number"),
        ([math.inf] * 20, "not_a_number"),
    ],
)
def test_no_forecast_says_why(history, code):
    with pytest.raises(NoForecast) as problem:
        forecast(history, horizon=3)
    assert problem.value.code == code


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9, allow_nan=False) | st.just(0.0), min_size=10, max_size=40),
    st.integers(1, 14),
    st.sampled_from([1, 4, 12, 52]),
)
def test_any_history_gives_numbers_or_a_reason(history, horizon, season):
    try:
        said = forecast(history, horizon=horizon, season=season)
    except NoForecast:
        return
    assert len(said.periods) == len(said.sums) == horizon
    for each in (*said.periods, *said.sums):
        assert math.isfinite(each.low) and math.isfinite(each.high)
        assert each.low <= each.mean <= each.high
        assert min(history) < 0 or each.low >= 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e6))
def test_the_unit_does_not_matter(seed, unit):
    series = made("trend_season", 30, seed=seed)
    one, other = forecast(series, horizon=3), forecast(series * unit, horizon=3)
    assert one.method == other.method
    assert other.total.high == pytest.approx(one.total.high * unit, rel=1e-6)
