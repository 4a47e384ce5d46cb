"""Figures as people type and read them: ``120万``, ``1,200.50``, ``+5%``; cents inside, yuan or 万元 outside."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shengce.planning.allocation import MOST
from shengce.targets.models import Metric

WAN = 10_000
_SCALES = {"": 1, "元": 1, "千": 1_000, "万": WAN, "万元": WAN, "w": WAN, "亿": 10**8, "亿元": 10**8}
_TYPED = re.compile(r"(?P<sign>[+-]?)(?P<digits>\d[\d,]*(\.\d+)?|\.\d+)\s*(?P<scale>%|[^\d.,%]*)\Z")


def read_figure(text: str, metric: Metric, *, shown_in: int = 1, current: int = 0) -> int:
    """What was typed, in minor units of the metric. A bare number is in the unit of the page (``shown_in``: 1 or 10,000).

    ``+5%`` and ``-3%`` change ``current``. Raises ``ValidationError`` in words.
    """
    folded = unicodedata.normalize("NFKC", text or "").strip().replace(" ", "").lower()
    match = _TYPED.match(folded) if len(folded) <= 30 else None
    if match is None:
        raise ValidationError(_("This is not a figure: type for example 1200, 120万 or +5%."), code="figure")
    try:
        number = Decimal(match["digits"].replace(",", ""))
    except InvalidOperation as problem:  # pragma: no cover - the pattern lets only numbers through
        raise ValidationError(_("This is not a figure: type for example 1200, 120万 or +5%.")) from problem
    sign = -1 if match["sign"] == "-" else 1
    if match["scale"] == "%":
        if not match["sign"]:
            raise ValidationError(_("Type +5% or -5% to change a figure by a share."), code="figure")
        return _whole(Decimal(current) * (1 + sign * number / 100), rounded=True)
    if match["scale"] not in _SCALES:
        raise ValidationError(
            _("“%(unit)s” is no unit: 元, 万 or 亿.") % {"unit": match["scale"]}, code="unit"
        )
    scale = _SCALES[match["scale"]] if match["scale"] else shown_in
    if metric.kind != Metric.Kind.AMOUNT and not match["scale"]:
        scale = 1
    return _whole(sign * number * scale * metric.minor, rounded=False)


def read_filled(cell: Any, metric: Metric, *, shown_in: int = 1, current: int = 0) -> int | None:
    """A cell of a table in minor units; ``None`` where it is empty. A spreadsheet's own number is rounded to the cent.

    Raises ``ValidationError`` in words.
    """
    if not is_filled(cell):
        return None
    if isinstance(cell, bool | dict):
        raise ValidationError(_("This is not a number."), code="number")
    if isinstance(cell, int | float):
        scale = metric.minor * (shown_in if metric.minor == 100 else 1)
        number = Decimal(repr(cell)) * scale
        if not number.is_finite() or abs(number) > MOST:
            raise ValidationError(_("The figure is too large."), code="too_large")
        if number < 0:
            raise ValidationError(_("A target is 0 or more."), code="negative")
        whole = number.to_integral_value(ROUND_HALF_UP)
        if metric.minor == 1 and whole != number:
            raise ValidationError(_("The figure has more decimals than there are."), code="decimals")
        return int(whole)
    text = str(cell).strip()
    if text.startswith("#"):
        raise ValidationError(
            _("The cell holds an error of the spreadsheet: %(text)s.") % {"text": text[:20]}, code="formula"
        )
    if text.startswith(("=", "'=")):
        raise ValidationError(_("The cell holds a formula without a result."), code="formula")
    return read_figure(text, metric, shown_in=shown_in, current=current)


def is_filled(cell: Any) -> bool:
    """Whether anything stands in a cell of a table."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _whole(number: Decimal, *, rounded: bool) -> int:
    if abs(number) > MOST:
        raise ValidationError(_("The figure is too large."), code="too_large")
    whole = int(number.to_integral_value())
    if whole != number and not rounded:
        raise ValidationError(_("The figure has more decimals than there are."), code="decimals")
    if whole < 0:
        raise ValidationError(_("A target is 0 or more."), code="negative")
    return whole


def shown(minor: int, metric: Metric, *, shown_in: int = 1) -> str:
    """For a cell: whole yuan, or 万元 with one decimal; nothing for 0."""
    if not minor:
        return ""
    if metric.minor == 1:
        return f"{minor:,}"
    if shown_in == WAN:
        return f"{minor / (WAN * 100):,.1f}"
    yuan, cents = divmod(abs(minor), 100)
    sign = "-" if minor < 0 else ""
    return f"{sign}{yuan:,}" + (f".{cents:02d}" if cents else "")


def exact(minor: int, metric: Metric) -> str:
    """With every digit, as one would type it."""
    if metric.minor == 1:
        return f"{minor:,}"
    yuan, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{yuan:,}" + (f".{cents:02d}" if cents else "")


def decimal_of(minor: int, metric: Metric) -> Decimal | int:
    """For a spreadsheet."""
    return Decimal(minor).scaleb(-2) if metric.minor == 100 else minor


def problem_words(code: str, *, amount: int, metric: Metric) -> str:
    """Why a figure cannot be laid out, and what to do about it."""
    words = {
        "locked_above": _(
            "The locked figures are %(amount)s more than this total: unlock some, or type a larger one."
        ),
        "all_locked": _("All figures of this cell are locked; %(amount)s find no place. Unlock some first."),
        "no_weights": _(
            "There is nothing to split by: all weights are 0. Choose equal shares, or type your own."
        ),
        "negative_weights": _(
            "Some weights are below 0, because more was taken back than sold. Count them as 0, or choose another basis."
        ),
        "not_a_number": _("One of the weights is not a number."),
        "too_large": _("The figure is too large."),
        "margins_differ": _("Rows and columns are to add up differently, by %(amount)s."),
        "no_fit": _("With what is locked or empty, rows and columns cannot both keep their sums."),
    }
    return words[code] % {"amount": exact(abs(amount), metric)}
