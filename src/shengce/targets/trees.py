"""Sums of leaves up a tree: a node stands for itself and all below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Twelve = tuple[int, ...]


def rolled_up(sums: Mapping[int | None, Sequence[int]], paths: Mapping[int, str]) -> dict[int | None, Twelve]:
    """The sums of every node with all below it. ``sums`` are those of the leaves by node; ``paths`` is node → ``/1/4/``.

    What belongs to no node stays under ``None`` and goes into no other; so ``None`` and the roots add up to all.
    A node that is not in ``paths`` counts as ``None``.
    """
    answer: dict[int | None, list[int]] = {}
    for node, months in sums.items():
        path = paths.get(node) if node is not None else None
        above: list[int | None] = [int(part) for part in path.split("/") if part] if path else [None]
        for each in above:
            into = answer.setdefault(each, [0] * len(months))
            for index, amount in enumerate(months):
                into[index] += amount
    return {node: tuple(months) for node, months in answer.items()}
