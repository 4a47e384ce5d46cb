"""Who comes back, how often, and for how much: BG/NBD for purchases, gamma-gamma for their value.

BG/NBD (P. Fader, B. Hardie, K. Lee, "Counting your customers" the easy way, Marketing Science 24 (2005) 275–284): while
he is with us, a customer buys at a rate of his own; after each purchase he leaves for good with a probability of his
own. Rates are gamma distributed over customers (``r``, ``alpha``), probabilities beta (``a``, ``b``).

Gamma-gamma (P. Fader, B. Hardie, The gamma-gamma model of monetary value, 2013, brucehardie.com/notes/025): the values of
a customer's purchases vary around a mean of his own, whatever his rate (``p``, ``q``, ``v``).

What is known of a customer: ``frequency``, the number of repeat purchases (the first is not counted; several a day are
one); ``recency``, the time from his first to his last purchase; ``age``, from his first purchase to today. Times are in
one unit, weeks for example, which is also that of the answers. Fitted by maximum likelihood with numpy alone; why: see
docs/decisions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

LEAST_REPEATERS = 50
"""With fewer customers who bought again nothing is fitted. In simulated firms with 50 the next quarter's purchases are
missed by 10 to 16 % at the median and by more than 26 to 44 % one time in ten (docs/decisions/0007-repeat-purchase.md).
"""

EDGE = 8.0
"""Parameters are sought between ``exp(-EDGE)`` and ``exp(EDGE)``, time and money scaled to a mean of 1."""
NODES = 48


class NoFit(Exception):
    """These customers say too little. ``code``: ``too_few_repeaters`` (``found`` of at least ``least``) or ``no_mean``."""

    def __init__(self, code: str, found: int = 0, least: int = 0) -> None:
        super().__init__(f"{code}: {found} of at least {least}" if least else code)
        self.code, self.found, self.least = code, found, least


@dataclass(frozen=True, slots=True)
class Purchasing:
    """A fitted BG/NBD. ``edges`` names parameters without a best value: the limiting case of the model holds.

    ``r`` at its edge: all buy at one rate. ``a`` at its lower edge: nobody leaves; ``b`` at its upper one: all leave with
    one probability.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = 0.0
    customers: int = 0
    repeaters: int = 0
    edges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spending:
    """A fitted gamma-gamma: shape ``p`` of single values, shape ``q`` and scale ``v`` of their means over customers."""

    p: float
    q: float
    v: float
    log_likelihood: float = 0.0
    customers: int = 0
    edges: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """The mean value of a purchase over all customers."""
        return self.p * self.v / (self.q - 1)


def fit(
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    least_repeaters: int = LEAST_REPEATERS,
) -> Purchasing:
    """BG/NBD with the greatest likelihood. Three equally long rows; ``NoFit`` where too few bought again.

    ``ValueError`` for what cannot be: a negative number, a recency above the age, one without a repeat purchase.
    """
    x, last, total = _checked(frequency, recency, age)
    repeaters = int((x > 0).sum())
    if repeaters < max(1, least_repeaters):
        raise NoFit("too_few_repeaters", repeaters, max(1, least_repeaters))
    unit = float(total.mean())  # not 0: somebody has bought again
    likelihood = _purchase_likelihood(x, last / unit, total / unit)
    best, value = _maximise(likelihood, (0.0, 0.0, 0.0, 0.0))
    r, alpha, a, b = np.exp(best).tolist()
    # The density of times in weeks from that in mean ages: each repeat purchase brings one factor of 1/unit.
    value -= float(x.sum()) * math.log(unit)
    return Purchasing(r, alpha * unit, a, b, value, len(x), repeaters, _edges(best, ("r", "alpha", "a", "b")))


def probability_alive(
    model: Purchasing, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> Floats:
    """Whether the customer is still with us. 1 without a repeat purchase: the model lets nobody leave before his second.

    Source: equation 7 of Fader, Hardie, "Computing P(alive) using the BG/NBD model" (2008).
    """
    x, last, total = _checked(frequency, recency, age)
    silence = np.log(model.alpha + total) - np.log(model.alpha + last)
    odds_of_leaving = math.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1) + (model.r + x) * silence
    alive: Floats = np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds_of_leaving, 700.0))), 1.0)
    return alive


def expected_purchases(
    model: Purchasing,
    within: float,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
) -> Floats:
    """How many purchases to expect of each customer in the next ``within`` (of the unit of the model).

    Equation 10 of the paper as an integral over the probability p of leaving, beta(a, b + x) for who is still here:
    ``E[(1 − ((α+T)/(α+T+p·t))^(r+x)) / p]``. Its integrand is smooth where the hypergeometric form of the paper has
    poles (a = 1, a + b + x = 1), so a Gauss rule gives all digits that are printed anywhere.
    """
    if not 0 <= within < math.inf:
        raise ValueError("time ahead must be a number from 0")
    x, _last, total = _checked(frequency, recency, age)
    if_alive = np.zeros(len(x))
    for count in np.unique(x):
        chosen = x == count
        leaving, weight = _beta_rule(model.a, model.b + float(count))
        ahead = within / (model.alpha + total[chosen])
        bought = -np.expm1(-(model.r + count) * np.log1p(np.outer(ahead, leaving))) / leaving
        if_alive[chosen] = bought @ weight
    return if_alive * probability_alive(model, frequency, recency, age)


def expected_of_new(model: Purchasing, within: float) -> float:
    """Repeat purchases to expect of a new customer in his first ``within`` (equation 9 of the paper)."""
    return float(expected_purchases(model, within, [0], [0.0], [0.0])[0])


def fit_values(
    frequency: npt.ArrayLike,
    mean_value: npt.ArrayLike,
    *,
    least_repeaters: int = LEAST_REPEATERS,
) -> Spending:
    """Gamma-gamma with the greatest likelihood, from the mean value of each customer's repeat purchases.

    Customers without a repeat purchase or without a value above 0 are left out. ``NoFit`` where too few are left, and
    where values are spread so widely that their mean does not exist (q ≤ 1).
    """
    x, value = _pair(frequency, mean_value)
    counted = (x > 0) & (value > 0)
    x, value = x[counted], value[counted]
    if len(x) < max(1, least_repeaters):
        raise NoFit("too_few_repeaters", len(x), max(1, least_repeaters))
    unit = float(value.mean())
    best, likelihood = _maximise(_value_likelihood(x, value / unit), (0.0, 0.5, 0.0))
    p, q, v = np.exp(best).tolist()
    if q <= 1.0:
        raise NoFit("no_mean")
    likelihood -= len(x) * math.log(unit)
    return Spending(p, q, v * unit, likelihood, len(x), _edges(best, ("p", "q", "v")))


def expected_value(model: Spending, frequency: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
    """The mean value of a customer's purchases to come: between his own mean and everybody's, nearer to his the more he
    bought. Who has no repeat purchase gets everybody's. Source: equation 5 of the note.
    """
    x, value = _pair(frequency, mean_value)
    value = np.where((x > 0) & (value > 0), value, 0.0)
    x = np.where(value > 0, x, 0)
    expected: Floats = model.p * (model.v + x * value) / (model.p * x + model.q - 1)
    return expected


def _purchase_likelihood(x: Counts, last: Floats, total: Floats) -> Callable[[Floats], float]:
    """The log likelihood as a function of the logarithms of r, alpha, a, b. Customers alike are counted once."""
    rows, weight = np.unique(np.stack((x.astype(float), last, total)), axis=1, return_counts=True)
    counts, place = np.unique(rows[0], return_inverse=True)
    last, total, again = rows[1], rows[2], rows[0] > 0

    def likelihood(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs).tolist()
        per_count = (
            _lgamma(r + counts) - math.lgamma(r) + r * math.log(alpha)
            + math.lgamma(a + b) - math.lgamma(b) + _lgamma(b + counts) - _lgamma(a + b + counts)
        )  # fmt: skip
        left = math.log(a) - np.log(b + np.maximum(counts, 1) - 1)
        stays = -(r + rows[0]) * np.log(alpha + total)
        leaves = np.where(again, left[place] - (r + rows[0]) * np.log(alpha + last), -np.inf)
        return float(weight @ (per_count[place] + np.logaddexp(stays, leaves)))

    return likelihood


def _value_likelihood(x: Counts, value: Floats) -> Callable[[Floats], float]:
    """The log likelihood of mean values as a function of the logarithms of p, q, v (equation 1a of the note)."""
    counts, place = np.unique(x, return_inverse=True)

    def likelihood(logs: Floats) -> float:
        p, q, v = np.exp(logs).tolist()
        per_count = _lgamma(p * counts + q) - _lgamma(p * counts) - math.lgamma(q) + q * math.log(v)
        single = (p * x - 1) * np.log(value) + p * x * np.log(x) - (p * x + q) * np.log(v + x * value)
        return float((per_count[place] + single).sum())

    return likelihood


def _maximise(function: Callable[[Floats], float], start: Sequence[float]) -> tuple[Floats, float]:
    """The highest point within the box, by Nelder and Mead (1965), begun anew until that gains nothing."""
    best = np.array(start, dtype=float)
    height = function(best)
    for _ in range(8):
        found, higher = _climb(function, best)
        gained = higher - height
        best, height = found, higher
        if gained < 1e-7 * (1 + abs(height)) / 1e3:
            break
    return best, height


def _climb(function: Callable[[Floats], float], start: Floats) -> tuple[Floats, float]:
    size = len(start)
    steps = np.where(start > 0, -0.7, 0.7)  # towards the middle of the box: a corner is left that way too
    points = [
        np.clip(start, -EDGE, EDGE),
        *(np.clip(start + steps[i] * np.eye(size)[i], -EDGE, EDGE) for i in range(size)),
    ]
    simplex = [(function(point), point) for point in points]
    for _ in range(400 * size):
        simplex.sort(key=lambda corner: -corner[0])
        (top, highest), (bottom, lowest) = simplex[0], simplex[-1]
        spread = max(float(np.abs(point - highest).max()) for _height, point in simplex)
        if top - bottom < 1e-10 * (1 + abs(top)) and spread < 1e-5:
            break
        middle = np.mean([point for _height, point in simplex[:-1]], axis=0)
        tried = _tried(function, middle, lowest, 1.0)
        if tried[0] > top:
            further = _tried(function, middle, lowest, 2.0)
            simplex[-1] = max(tried, further, key=lambda corner: corner[0])
            continue
        if tried[0] > simplex[-2][0]:
            simplex[-1] = tried
            continue
        nearer = _tried(function, middle, lowest, 0.5 if tried[0] > bottom else -0.5)
        if nearer[0] > max(tried[0], bottom):
            simplex[-1] = nearer
            continue
        simplex = [
            simplex[0],
            *((function(p), p) for p in (highest + (q - highest) / 2 for _h, q in simplex[1:])),
        ]
    top, highest = max(simplex, key=lambda corner: corner[0])
    return highest, top


def _tried(
    function: Callable[[Floats], float], middle: Floats, lowest: Floats, reach: float
) -> tuple[float, Floats]:
    """The point opposite the lowest one, as seen from the middle of the others."""
    point = np.clip(middle + reach * (middle - lowest), -EDGE, EDGE)
    return function(point), point


def _edges(logs: Floats, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name, value in zip(names, logs, strict=True) if abs(value) > EDGE - 0.01)


def _beta_rule(a: float, b: float) -> tuple[Floats, Floats]:
    """Points and weights (sum 1) that integrate over a beta(a, b) distribution: Golub and Welsch (1969), Jacobi's rule."""
    upper, lower = b - 1, a - 1
    both = upper + lower
    k = np.arange(1.0, NODES)
    diagonal = np.empty(NODES)
    diagonal[0] = (lower - upper) / (both + 2)
    diagonal[1:] = (lower**2 - upper**2) / ((2 * k + both) * (2 * k + both + 2))
    squares = np.empty(NODES - 1)
    squares[0] = 4 * (1 + upper) * (1 + lower) / ((2 + both) ** 2 * (3 + both))
    k = k[1:]
    squares[1:] = (
        4 * k * (k + upper) * (k + lower) * (k + both) / ((2 * k + both) ** 2 * ((2 * k + both) ** 2 - 1))
    )
    side = np.sqrt(squares)
    points, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(side, 1) + np.diag(side, -1))
    return np.clip((1 + points) / 2, 1e-300, 1.0), vectors[0] ** 2


def _lgamma(values: npt.NDArray[Any]) -> Floats:
    return np.array([math.lgamma(value) for value in values.tolist()])


def _checked(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> tuple[Counts, Floats, Floats]:
    x, last = _pair(frequency, recency)
    total = np.asarray(age, dtype=float)
    if total.shape != x.shape:
        raise ValueError("frequency, recency and age must be rows of one length")
    if not np.isfinite(total).all() or (last > total).any():
        raise ValueError("age must be a number and not below recency")
    if ((x == 0) & (last > 0)).any() or ((x > 0) & (last <= 0)).any():
        raise ValueError("recency is above 0 exactly where there is a repeat purchase")
    return x, last, total


def _pair(frequency: npt.ArrayLike, value: npt.ArrayLike) -> tuple[Counts, Floats]:
    x, second = np.asarray(frequency, dtype=float), np.asarray(value, dtype=float)
    if x.ndim != 1 or x.shape != second.shape:
        raise ValueError("both must be rows of one length")
    if not (np.isfinite(x).all() and np.isfinite(second).all()):
        raise ValueError("only numbers can be fitted")
    if (x < 0).any() or (second < 0).any() or (x != np.floor(x)).any():
        raise ValueError("counts are whole and nothing is below 0")
    return x.astype(np.int64), second
