"""A cell is split along a dimension: what still lies on a node above is handed down; what is split already is split anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.people.models import Unit, User, record
from shengce.planning.allocation import Bools, Floats, Ints, Unsplittable, apportion, apportion_groups
from shengce.targets.candidates import BASES, SPLITS, Candidate, candidates, presence, weights_for
from shengce.targets.cells import Cell
from shengce.targets.dimensions import BY_CODE
from shengce.targets.editing import described, locked_version, refusal
from shengce.targets.leaves import PLACE, Key, Leaves, key_of, write_edit
from shengce.targets.models import Level, Metric, TargetEdit, TargetVersion
from shengce.targets.queries import leaves as leaves_of

_Created = list[tuple[Key, Ints]]


@dataclass(frozen=True, slots=True)
class Split:
    """What came of it: the edit (``None`` where nothing changed), and what a person should know, in words."""

    edit: TargetEdit | None
    notes: tuple[str, ...] = ()


@transaction.atomic
def split_cell(
    version: TargetVersion,
    metric: Metric,
    cell: Cell,
    *,
    by: User,
    split: str,
    basis: str = "history",
    own: Mapping[Any, float] | None = None,
    negative_as_zero: bool = False,
    step: int = 1,
    seen: int | None = None,
    level: str = Level.TARGET,
) -> Split:
    """Split a cell among the candidates of ``split``, by ``basis``; its sum stays to the unit.

    ``own`` are weights by candidate, for the basis ``own``. ``step``: parts are multiples of it. Raises ``ValidationError``.
    """
    version = locked_version(version, by)
    if split not in SPLITS or basis not in BASES or step < 1:
        raise ValidationError(_("Choose by what to split."), code="split")
    leaves = Leaves.read(leaves_of(version, metric.code, user=by, where=cell.where, level=level))
    mask = cell.mask(len(leaves))
    total = int(leaves.values[mask].sum())
    if seen is not None and seen != total:
        raise ValidationError(
            _("This cell has changed meanwhile. Look at it and split again."), code="conflict"
        )
    if not total:
        raise ValidationError(_("The cell is empty: type a figure first."), code="empty")
    year = version.target_set.year
    among = candidates(split, cell.where, by, year)
    if not among:
        raise ValidationError(_("There is nobody and nothing to split among."), code="nobody")
    if basis == "own":
        weights = np.array([float((own or {}).get(each.value, 0)) for each in among])
    else:
        weights = weights_for(basis, split, among, metric_code=metric.code, year=year, where=cell.where)
    if negative_as_zero:
        weights = np.maximum(weights, 0)
    try:
        values, created, notes = _laid_out(leaves, mask, cell, split, among, weights, year, step, by)
    except Unsplittable as problem:
        raise refusal(problem, metric) from problem
    edit = write_edit(
        version,
        metric,
        leaves,
        by=by,
        act=TargetEdit.Act.SPLIT,
        level=level,
        values=values,
        created=created,
        cell=described(cell) | {"split": split, "basis": basis},
        totals=(total, total),
    )
    if edit is not None:
        record("targets.split", version, by=by, metric=metric.code, split=split, basis=basis, cell=edit.cell)
    return Split(edit, notes)


def _laid_out(
    leaves: Leaves,
    mask: Bools,
    cell: Cell,
    split: str,
    among: Sequence[Candidate],
    weights: Floats,
    year: Any,
    step: int,
    by: User,
) -> tuple[Ints, _Created, tuple[str, ...]]:
    if split == "month":
        return _over_months(leaves, mask, weights, step), [], ()
    shares: Floats = np.ones((len(among), 12))
    notes: tuple[str, ...] = ()
    if split == "rep":
        there = presence(among, year)
        shares, notes = there.shares, there.notes
    weights = weights[:, None] * shares
    place = PLACE[split]
    ends = {each.value for each in among}
    undivided = np.array([_lies_above(key, split, place, ends) for key in leaves.keys], dtype=bool)
    open_sources = undivided & ((leaves.values != 0) & mask & ~leaves.locked).any(axis=1)
    if open_sources.any():
        values, created = _handed_down(leaves, mask, open_sources, split, among, weights, step)
    else:
        values, created = _split_anew(leaves, mask, cell, split, among, weights, step, by)
    return values, created, notes


def _lies_above(key: Key, split: str, place: int, ends: set[Any]) -> bool:
    """Whether a leaf is not split along the dimension yet: nothing said, or a node that is none of the candidates."""
    if split == "unit":
        return key[PLACE["rep"]] is None and key[place] not in ends
    return key[place] in (None, "") or (BY_CODE[split].tree and key[place] not in ends)


def _over_months(leaves: Leaves, mask: Bools, weights: Floats, step: int) -> Ints:
    """Every leaf's months among each other."""
    group = np.broadcast_to(np.arange(len(leaves))[:, None], leaves.values.shape)[mask]
    by = np.broadcast_to(weights[None, :], leaves.values.shape)[mask].astype(np.float64)
    totals = np.where(mask, leaves.values, 0).sum(axis=1)
    values = leaves.values.copy()
    values[mask] = apportion_groups(
        totals, by, group, values=leaves.values[mask], locked=leaves.locked[mask], step=step
    )
    return values


def _handed_down(
    leaves: Leaves,
    mask: Bools,
    sources: Bools,
    split: str,
    among: Sequence[Candidate],
    weights: Floats,
    step: int,
) -> tuple[Ints, _Created]:
    """What lies on ``sources`` goes to the candidates below each; what these have already stays and is added to."""
    rows = np.flatnonzero(sources)
    taken = np.where(mask[rows] & ~leaves.locked[rows], leaves.values[rows], 0)
    eligible = _eligible([leaves.keys[row] for row in rows], split, among)
    source, candidate = np.nonzero(eligible)
    if (alone := ~eligible.any(axis=1)).any():
        raise Unsplittable("no_weights", amount=int(taken[alone].sum()))
    months = np.arange(12)
    group = (source[:, None] * 12 + months).ravel()
    parts = apportion_groups(taken.ravel(), weights[candidate].ravel(), group, step=step).reshape(-1, 12)
    values = leaves.values.copy()
    values[rows] -= taken
    at = {key: number for number, key in enumerate(leaves.keys)}
    made: dict[Key, Ints] = {}
    given = parts.any(axis=1)
    for pair in np.flatnonzero(given):
        key = _key_for(leaves.keys[rows[source[pair]]], split, among[candidate[pair]])
        if (known := at.get(key)) is not None:
            values[known] += parts[pair]
        elif key in made:
            made[key] = made[key] + parts[pair]
        else:
            made[key] = parts[pair]
    return values, list(made.items())


def _eligible(keys: list[Key], split: str, among: Sequence[Candidate]) -> Bools:
    """Source × candidate: a rep takes from his unit and those above it, a customer from his owner."""
    if split not in ("unit", "rep", "customer"):
        return np.ones((len(keys), len(among)), dtype=bool)
    paths = dict(Unit.objects.values_list("pk", "path"))
    unit_at, rep_at = PLACE["unit"], PLACE["rep"]
    answer = np.zeros((len(keys), len(among)), dtype=bool)
    theirs = [paths.get(each.unit or 0, "") for each in among]
    by_unit: dict[Any, Bools] = {}
    owners = np.array([each.owner or 0 for each in among])
    for number, key in enumerate(keys):
        if split == "customer" and key[rep_at]:
            answer[number] = owners == key[rep_at]
            continue
        unit = key[unit_at]
        if unit not in by_unit:
            above = paths.get(unit, "/") if unit else "/"
            by_unit[unit] = np.array([path.startswith(above) for path in theirs])
        answer[number] = by_unit[unit]
    return answer


def _key_for(key: Key, split: str, candidate: Candidate) -> Key:
    changed = list(key)
    changed[PLACE[split]] = candidate.value
    if split in ("rep", "customer") and candidate.unit is not None and not key[PLACE["rep"]]:
        changed[PLACE["unit"]] = candidate.unit
    if split == "customer" and candidate.owner is not None:
        changed[PLACE["rep"]] = candidate.owner
    return tuple(changed)


def _split_anew(
    leaves: Leaves,
    mask: Bools,
    cell: Cell,
    split: str,
    among: Sequence[Candidate],
    weights: Floats,
    step: int,
    by: User,
) -> tuple[Ints, _Created]:
    """Month by month: each candidate gets his share of the cell, his leaves follow; locked leaves stay his."""
    number_of = _owner_numbers(leaves, split, among)
    months = list(cell.months)
    sums, held = (np.zeros((len(among), 12), dtype=np.int64) for _ in range(2))
    inside = number_of >= 0
    np.add.at(sums, number_of[inside], leaves.values[inside])
    np.add.at(held, number_of[inside], np.where(leaves.locked, leaves.values, 0)[inside])
    wanted = sums.copy()
    for month in months:
        total = int(sums[:, month].sum())
        wanted[:, month] = _with_floors(total, weights[:, month], held[:, month], step)
    flat = number_of[inside][:, None] * 12 + np.arange(12)
    totals = np.where(np.isin(np.arange(12), months), wanted, sums).ravel()
    present = np.bincount(flat.ravel(), minlength=len(among) * 12) > 0
    current = np.abs(leaves.values[inside]).astype(np.float64)
    free = np.where(leaves.locked[inside], 0.0, current)
    empty = np.bincount(flat.ravel(), weights=free.ravel(), minlength=len(present)) == 0
    spread = np.where(empty[flat], 1.0, current)
    values = leaves.values.copy()
    values[inside] = apportion_groups(
        np.where(present, totals, 0),
        spread.ravel(),
        flat.ravel(),
        values=leaves.values[inside].ravel(),
        locked=leaves.locked[inside].ravel(),
        step=1,
    ).reshape(-1, 12)
    return values, _for_newcomers(wanted, sums, present, cell, split, among, by)


def _for_newcomers(
    wanted: Ints, sums: Ints, present: Bools, cell: Cell, split: str, among: Sequence[Candidate], by: User
) -> _Created:
    """Leaves for candidates who had none in the cell."""
    created: _Created = []
    have = present.reshape(-1, 12).any(axis=1)
    for number in np.flatnonzero(~have & wanted.any(axis=1)).tolist():
        base = {code: value for code, value in cell.where.items() if value not in (None, "")}
        key = _key_for(key_of(base), split, among[number])
        created.append((key, wanted[number]))
    return created


def _owner_numbers(leaves: Leaves, split: str, among: Sequence[Candidate]) -> Ints:
    """For each leaf the number of the candidate that it belongs to, at or below; -1 for none."""
    place, numbers = PLACE[split], {each.value: number for number, each in enumerate(among)}
    dimension = BY_CODE[split]
    if dimension.tree and dimension.model is not None:
        for pk, path in dimension.model._default_manager.values_list("pk", "path"):
            above = [int(part) for part in path.split("/") if part]
            found = next((numbers[node] for node in reversed(above) if node in numbers), None)
            if found is not None:
                numbers.setdefault(pk, found)
    return np.array([numbers.get(key[place], -1) for key in leaves.keys], dtype=np.int64)


def _with_floors(total: int, weights: Floats, floors: Ints, step: int) -> list[int]:
    """Shares by weight, but none below what is locked in it: who would fall below keeps his floor, the rest is split."""
    fixed: list[int | None] = [None] * len(weights)
    while True:
        shares = apportion(total, weights, locked=fixed, step=step)
        below = [n for n, share in enumerate(shares) if share < floors[n]]
        if not below:
            return shares
        for number in below:
            fixed[number] = int(floors[number])
