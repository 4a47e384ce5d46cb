"""Scores on fresh.yaml: sentences of many trades, labelled before the rules were read.

Before any rule was changed for them (precision, recall): time 1.0, 0.941; amount 0.975, 0.83; discount and phone 1.0, 1.0.
"""

from __future__ import annotations

from collections import Counter

from tests.language.normalise.labelled_pages import KINDS, count, read, score

MOMENTS, SENTENCES = read("fresh.yaml")

# (precision, recall) at least, a little below what was measured
BARS = {"time": (0.98, 0.96), "amount": (0.97, 0.95), "discount": (1.0, 1.0), "phone": (1.0, 1.0)}


def test_scores() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    misses: list[str] = []
    for sentence in SENTENCES:
        count(sentence, MOMENTS, counts, misses)
    print(*misses, sep="\n")
    scores = {kind: score(counts, kind) for kind in KINDS}
    for kind in KINDS:
        print(kind, scores[kind], {name: counts[kind, name] for name in ("right", "found", "labelled")})
    assert len(SENTENCES) >= 150
    fallen = {k: scores[k] for k in KINDS if scores[k][0] < BARS[k][0] or scores[k][1] < BARS[k][1]}
    assert fallen == {}
