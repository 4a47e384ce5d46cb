"""Goods that strayed: what was seen against what was shipped, with the reasons for believing that both are the same.

A lot that was shipped for one territory and is seen in another has strayed. Without a lot nothing is proven: then the
shipments of the same product to other territories only say who could have sold it. Points are added up and held
between 0 and 1; all weights are an argument, so that a person can check a finding by hand.

Territories are paths of ids from the root of their tree: ``/1/4/`` lies inside ``/1/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from shengce.planning.serials import lot_key, plain_lot, serials


class Finding(StrEnum):
    """What a sighting means, in one word."""

    NO_LOT = "no_lot"  # no lot was read: who could have sold it is only a guess
    UNKNOWN_LOT = "unknown_lot"  # this lot was never shipped
    AT_HOME = "at_home"  # seen where it may be sold
    STRAYED = "strayed"  # seen where no part of it may be sold
    UNCLEAR = "unclear"  # the place is not known well enough, or only a part of the lot may be here


@dataclass(frozen=True, slots=True)
class Shipped:
    """A lot that left for a customer on a day, or the serial numbers from ``lot`` to ``lot_to``.

    ``territory`` is where he may sell it; ``None`` where nobody said.
    """

    key: int
    lot: str
    product: int
    customer: int
    territory: str | None
    shipped_on: date
    quantity: Decimal = Decimal(1)
    lot_to: str = ""

    @property
    def label(self) -> str:
        return f"{self.lot} – {self.lot_to}" if self.lot_to else self.lot

    def is_of(self, code: str) -> bool:
        """Whether goods with this lot or number on their label belong to it."""
        if self.lot_to:
            return (found := serials(self.lot, self.lot_to)) is not None and found.holds(code)
        return plain_lot(self.lot) == plain_lot(code)

    def looks_like(self, code: str) -> bool:
        """The same where signs that look alike were mixed up."""
        if self.lot_to:
            return (found := serials(self.lot, self.lot_to)) is not None and found.holds_alike(code)
        return lot_key(self.lot) == lot_key(code)


@dataclass(frozen=True, slots=True)
class Seen:
    """Goods that were seen or heard of. ``place_said`` is false where the territory is only that of the one who told."""

    seen_on: date
    lot: str = ""
    product: int | None = None
    territory: str | None = None
    place_said: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for or against, with the figure behind it; ``points`` are hundredths of confidence."""

    code: str
    value: str
    points: int


@dataclass(frozen=True, slots=True)
class Match:
    """A shipment that the goods may come from. ``strays`` is ``None`` where the places do not say."""

    shipment: Shipped
    strays: bool | None
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """What a sighting means, and the shipments behind it, the likeliest first."""

    finding: Finding
    matches: tuple[Match, ...]

    @property
    def best(self) -> Match | None:
        return self.matches[0] if self.matches else None


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each ground, in hundredths. ``fresh_days`` is how long goods usually stay on their way."""

    same_lot: int = 60
    alike_lot: int = 35
    no_lot: int = 10
    same_product: int = 15
    other_product: int = -40
    only_one: int = 15
    fresh: int = 10
    old: int = -15
    place_said: int = 5
    place_guessed: int = -10
    fresh_days: int = 180
    old_days: int = 730


DEFAULT = Weights()
GUESSES = 5
"""How many shipments are shown where no lot was read."""


def strays(home: str | None, seen: str | None) -> bool | None:
    """Whether goods for the territory ``home`` seen in ``seen`` have strayed.

    Inside ``home`` or the same: no. Around ``home`` (only the province is known, and the goods are for one of its
    cities): nobody can say. Elsewhere: yes. One of both unknown: nobody can say.
    """
    if not home or not seen:
        return None
    if seen.startswith(home):
        return False
    if home.startswith(seen):
        return None
    return True


def match(seen: Seen, shipments: Iterable[Shipped], weights: Weights = DEFAULT) -> Matching:
    """Judge one sighting by the shipments that may be behind it.

    With a lot: those of this lot, or of one that looks alike where this one was never shipped. Without: those of the
    product to other territories, the newest five of different customers. Shipments after the sighting are left out.
    """
    possible = [one for one in shipments if one.shipped_on <= seen.seen_on]
    if not plain_lot(seen.lot):
        return Matching(Finding.NO_LOT, _guesses(seen, possible, weights))
    same = [one for one in possible if one.is_of(seen.lot)]
    found = same or [one for one in possible if one.looks_like(seen.lot)]
    if not found:
        return Matching(Finding.UNKNOWN_LOT, ())
    alone = len({one.customer for one in found}) == 1
    matches = sorted((_judge(seen, one, alone=alone, weights=weights) for one in found), key=_likeliest)
    answers = {one.strays for one in matches}
    return Matching(_finding(answers), tuple(matches))


def _finding(answers: set[bool | None]) -> Finding:
    if answers == {True}:
        return Finding.STRAYED
    if answers == {False}:
        return Finding.AT_HOME
    return Finding.UNCLEAR


def _likeliest(one: Match) -> tuple[float, int, int]:
    return (-one.confidence, -one.shipment.shipped_on.toordinal(), one.shipment.key)


def _guesses(seen: Seen, possible: Sequence[Shipped], weights: Weights) -> tuple[Match, ...]:
    """Who could have sold it: customers of other territories who got the product, the newest first."""
    if seen.product is None or seen.territory is None:
        return ()
    newest: dict[int, Shipped] = {}
    for one in sorted(possible, key=lambda one: (one.shipped_on, one.key)):
        if one.product == seen.product and strays(one.territory, seen.territory):
            newest[one.customer] = one
    alone = len(newest) == 1
    matches = [_judge(seen, one, alone=alone, weights=weights) for one in newest.values()]
    return tuple(sorted(matches, key=_likeliest)[:GUESSES])


def _judge(seen: Seen, one: Shipped, *, alone: bool, weights: Weights) -> Match:
    reasons = [*_of_goods(seen, one, weights), *_of_time(seen, one, weights), *_of_place(seen, one, weights)]
    if alone:
        reasons.append(Reason("only_one", "", weights.only_one))
    points = sum(reason.points for reason in reasons)
    return Match(one, strays(one.territory, seen.territory), max(0, min(100, points)) / 100, tuple(reasons))


def _of_goods(seen: Seen, one: Shipped, weights: Weights) -> list[Reason]:
    if not plain_lot(seen.lot):
        return [Reason("no_lot", "", weights.no_lot), Reason("same_product", "", weights.same_product)]
    if one.is_of(seen.lot):
        reasons = [Reason("in_range" if one.lot_to else "same_lot", one.label, weights.same_lot)]
    else:
        reasons = [Reason("alike_lot", one.label, weights.alike_lot)]
    if seen.product == one.product:
        reasons.append(Reason("same_product", "", weights.same_product))
    elif seen.product is not None:
        reasons.append(Reason("other_product", "", weights.other_product))
    return reasons


def _of_time(seen: Seen, one: Shipped, weights: Weights) -> list[Reason]:
    days = (seen.seen_on - one.shipped_on).days
    if days <= weights.fresh_days:
        return [Reason("fresh", str(days), weights.fresh)]
    if days > weights.old_days:
        return [Reason("old", str(days), weights.old)]
    return []


def _of_place(seen: Seen, one: Shipped, weights: Weights) -> list[Reason]:
    if seen.territory is None:
        return [Reason("no_place", "", 0)]
    if one.territory is None:
        return [Reason("no_home", "", 0)]
    if seen.place_said:
        return [Reason("place_said", "", weights.place_said)]
    return [Reason("place_guessed", "", weights.place_guessed)]
