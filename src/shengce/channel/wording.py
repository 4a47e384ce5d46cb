"""Reasons and grounds in words a person reads, in the language of the page."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from shengce.facts.wording import money
from shengce.planning.diversion import Reason


def reason_words(reason: Reason) -> str:
    """Why a shipment may be behind a sighting, or why not."""
    words = {
        "same_lot": _("The same lot: %(value)s"),
        "in_range": _("One of the serial numbers %(value)s"),
        "alike_lot": _("A lot that looks alike: %(value)s"),
        "no_lot": _("No lot was read"),
        "same_product": _("The same product"),
        "other_product": _("The lot was another product"),
        "only_one": _("Nobody else got it"),
        "fresh": _("Shipped %(value)s days before"),
        "old": _("Shipped %(value)s days before, long ago"),
        "place_said": _("The place was named"),
        "place_guessed": _("Place taken from who told it"),
        "no_place": _("The place is not known"),
        "no_home": _("The shipment has no territory"),
    }.get(reason.code, reason.code)
    return words % {"value": reason.value}


def ground_words(ground: dict[str, Any]) -> str:
    """What a line of the cooperation score is about, with its figures."""
    figure, of = str(ground.get("figure", "")), str(ground.get("of", ""))
    code = ground.get("code")
    if code in ("purchases", "payment"):
        words = {
            "purchases": _("Bought %(figure)s of %(of)s agreed on"),
            "payment": _("Paid %(figure)s of %(of)s in time"),
        }[code]
        return words % {"figure": money(figure), "of": money(of)}
    words = {
        "stock": _("%(figure)s stock reports, %(of)s expected"),
        "diversion": _("Diversion: %(figure)s proven, %(of)s open"),
        "prices": _("Sold below the list: %(figure)s cases"),
        "talks": _("%(figure)s talks, %(of)s expected"),
        "training": _("%(figure)s trainings in a quarter, %(of)s expected"),
    }.get(str(code), str(code))
    return words % {"figure": figure, "of": of}


def quantity(number: Decimal | None) -> str:
    """A quantity without empty decimals; a dash for none."""
    if number is None:
        return "–"
    try:
        text = f"{Decimal(number).normalize():f}"
    except InvalidOperation:
        return "–"
    whole, _dot, rest = text.partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")
