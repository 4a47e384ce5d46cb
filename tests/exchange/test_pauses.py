"""Whoever waits for the writer of SQLite gets his turn within one batch of an import."""

from __future__ import annotations

from shengce.exchange import running

LOOKS_MS = (1, 2, 5, 10, 15, 20, 25, 25, 25)
"""How long SQLite sleeps between its looks at a locked database; after these it is 50 and then 100 ms."""


def test_a_batch_and_a_breath_lie_within_the_time_in_which_sqlite_looks_often() -> None:
    assert sum(LOOKS_MS) / 1000 >= running.BATCH_S + running.BREATH_S
    assert max(LOOKS_MS) / 1000 < running.BREATH_S
