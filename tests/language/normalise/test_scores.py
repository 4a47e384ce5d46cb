"""Scores on public sets, printed; the bars lie a little below what was measured, so that a fall is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from shengce.language.scoring.normalisation import score

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

# set: (precision, recall) at least
BARS = {
    "time_parse": (0.78, 0.54),
    "time_parse_days": (0.87, 0.6),
    "time_extract": (0.95, 0.80),
    "money_parse": (0.95, 0.85),
    "money_extract": (0.95, 0.95),
    "itn_number": (1.0, 1.0),
    "itn_cardinal": (1.0, 0.9),
    "itn_fraction": (1.0, 1.0),
    "itn_measure": (1.0, 1.0),
    "itn_money": (1.0, 1.0),
    "itn_time": (1.0, 1.0),
    "itn_date": (1.0, 1.0),
}


@pytest.mark.skipif(not (DATA / "zh-time-money").is_dir(), reason="shared/data/zh-time-money is not here")
def test_scores_on_public_sets() -> None:
    scores = score(DATA)
    for name, tally in scores.items():
        print(name, {key: value for key, value in tally.items() if key != "misses"})
    fallen = {
        name: (scores[name]["precision"], scores[name]["recall"])
        for name, (precision, recall) in BARS.items()
        if scores[name]["precision"] < precision or scores[name]["recall"] < recall
    }
    assert fallen == {}


def test_absent_sets_are_left_out(tmp_path: Path) -> None:
    assert score(tmp_path) == {}
