"""One spelling for every phone number that people type and that file names and sidecars give: digits, without country code."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_EXTENSION = re.compile(r"\s*(?:转分机|分机|转|ext\.?|extension|[x,;#](?=\s*\d)).*$", re.IGNORECASE)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－（）", "0123456789+-()")
_ALLOWED = re.compile(r"[\d+\-.()/\s·]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_IP_CALL = re.compile(r"(?:17951|17911|12593|11808|10193)(?=0?1[3-9]\d{9}$)")
LEAST_DIGITS = 3
MOST_DIGITS = 20
LONGEST_EXTENSION = 6


def normalise_phone(text: str) -> str:
    """``+86 138-1234-0001``, ``0086…``, ``17951138…``, ``0512-8888 6666 转 801`` as plain digits; empty where none.

    The country code of China goes, a landline keeps the 0 of its area code, an extension is cut off.
    """
    trimmed = _EXTENSION.sub("", text.translate(_FULL_WIDTH).strip())
    if not trimmed or not _ALLOWED.fullmatch(trimmed):
        return ""
    digits = re.sub(r"\D", "", trimmed)
    international = trimmed.lstrip().startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00") if digits.startswith("0086") else digits
    digits = _IP_CALL.sub("", digits)
    rest = digits.removeprefix("86")
    if rest != digits and (_MOBILE.fullmatch(rest) or (international and 9 <= len(rest) <= 12)):
        digits = rest if _MOBILE.fullmatch(rest) or rest.startswith(("0", "400", "800")) else f"0{rest}"
    if digits.startswith("0") and _MOBILE.fullmatch(digits[1:]):
        digits = digits[1:]
    return digits if LEAST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def typed_phone(text: str) -> str:
    """A number that a person typed, normalised; empty stays empty, and what is no number is refused in words."""
    number = normalise_phone(text)
    if text.strip() and not number:
        raise ValidationError(_("“%(text)s” is not a phone number.") % {"text": text.strip()}, code="phone")
    return number


def is_extension(number: str) -> bool:
    """Whether a number is one of the own house: a desk's extension has at most six digits."""
    return 0 < len(number) <= LONGEST_EXTENSION
