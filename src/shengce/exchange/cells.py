"""What people write into cells, read as values: text, numbers, money, days, choices.

A cell is what ``reading`` gives: text, ``int``, ``float``, ``bool``, ``None`` where empty, or ``{"at": ISO}``. Each reader returns the
value, or ``None`` where the cell says that there is none, and raises ``ValidationError`` in words where it cannot tell:
a wrong guess about money is worse than a question.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shengce.people.phone_numbers import normalise_phone
from shengce.people.plain_cells import meant_cell

Cell = Any

EXCEL_DAY_0 = dt.date(1899, 12, 30)
"""Day 0 of Excel's numbers for days after February 1900."""
EXCEL_DAYS = (20_000, 80_000)
"""Numbers that are taken for days: 1954 to 2119."""
YEARS = (1950, 2100)
MOST = Decimal("1e13")
CENT = Decimal("0.01")
THOUSANDTH = Decimal("0.001")
EXACT = 10**15
"""From here on a spreadsheet's numbers have lost their last digits."""

_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "none", "null", "n/a", "na"})
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!)", re.IGNORECASE)
_CURRENCY = re.compile(r"^(?:rmb|cny|人民币|[¥￥])|(?:rmb|cny|元整|元|圆)$", re.IGNORECASE)
_FOREIGN = re.compile(r"[$€£₩]|usd|eur|hkd|jpy|美元|欧元|港币|日元", re.IGNORECASE)
_SCALES = (("亿", Decimal(10**8)), ("万", Decimal(10**4)), ("千", Decimal(10**3)))
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_PLAIN = re.compile(r"\d+(\.\d*)?|\.\d+")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
    r"(?:[\sT]*(?:上午|下午|星期.|周.)?\s*(\d{1,2})[::时](\d{1,2})(?:[::分](\d{1,2})(?:\.\d+)?)?秒?分?)?"
    r"(?:\s*(Z|[+-]\d{2}:?\d{2}))?"
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


def folded(cell: Cell) -> str:
    """The cell as one line of text with full-width letters and digits made half-width."""
    return " ".join(unicodedata.normalize("NFKC", text_of(cell)).split())


def text_of(cell: Cell) -> str:
    """What stands in the cell, as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, dict):
        return str(cell.get("at", "")).replace("T00:00:00", "").replace("T", " ")
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    return str(cell)


def is_blank(cell: Cell) -> bool:
    """Whether the cell says nothing: empty, blanks, a dash."""
    return cell is None or (isinstance(cell, str) and folded(cell).casefold() in _NOTHING)


def read_text(cell: Cell, *, most: int) -> str | None:
    """Text without control characters and outer blanks; numbers as their digits."""
    _refuse_error(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT:
        raise _unclear(
            _("The spreadsheet rounded this number: format the column as text and type it again."), "rounded"
        )
    text = _UNFIT.sub("", meant_cell(text_of(cell))).strip()
    if len(text) > most:
        raise _unclear(
            _("The text has %(length)d characters; at most %(most)d fit.")
            % {"length": len(text), "most": most},
            "too_long",
        )
    return text or None


def read_line(cell: Cell, *, most: int) -> str | None:
    """Text on one line: names, numbers of documents, codes. A dash means none."""
    if is_blank(cell):
        return None
    text = read_text(cell, most=10 * most + 1_000)
    line = " ".join((text or "").split())
    return read_text(line, most=most)


def read_phone(cell: Cell) -> str | None:
    """A phone number as digits."""
    if is_blank(cell):
        return None
    text = read_text(cell, most=60) or ""
    number = normalise_phone(text)
    if not number:
        raise _unclear(_("“%(text)s” is not a phone number.") % {"text": text}, "phone")
    return number


def read_number(cell: Cell, *, decimals: int = 3, money: bool = False) -> Decimal | None:
    """A number: full-width digits, thousands, 万 and 亿, brackets for below zero. A spreadsheet's own number is rounded.

    ``"１，２００"`` → 1200, ``"3.5万"`` → 35000, ``"（300）"`` → -300; ``money`` also takes ``￥`` and ``元``.
    """
    if is_blank(cell):
        return None
    _refuse_error(cell)
    if isinstance(cell, dict | bool):
        raise _no_number(cell)
    exact = isinstance(cell, str)
    number = _number(folded(cell), money=money) if exact else Decimal(repr(cell))
    if number is None or not number.is_finite():
        raise _no_number(cell)
    if abs(number) >= MOST:
        raise _unclear(_("The number is too large."), "too_large")
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if exact and rounded != number:
        raise _unclear(
            _("“%(text)s” has more than %(decimals)d decimals.")
            % {"text": text_of(cell), "decimals": decimals},
            "decimals",
        )
    return rounded


def read_money(cell: Cell) -> Decimal | None:
    """A sum in yuan with two decimals."""
    return read_number(cell, decimals=2, money=True)


def read_percent(cell: Cell) -> Decimal | None:
    """A share of one: ``9.5%`` → 0.095; a number without the sign is a share already where it is at most 1."""
    if is_blank(cell):
        return None
    text = folded(cell)
    number = read_number(text.rstrip("%"), decimals=6)
    if number is None:
        return None
    return number / 100 if text.endswith("%") or abs(number) > 1 else number


def read_day(cell: Cell) -> dt.date | None:
    """A day: a spreadsheet's date or its number, ``2026/3/5``, ``2026年3月5日``, ``20260305``. The year comes first and in full."""
    moment = _moment(cell)
    return moment.date() if moment is not None else None


def read_moment(cell: Cell) -> dt.datetime | None:
    """A moment, in local time where no offset is written; a day alone is its beginning."""
    moment = _moment(cell)
    if moment is None or timezone.is_aware(moment):
        return moment
    return timezone.make_aware(moment)


@dataclass(frozen=True)
class Choice:
    """Reads one of several values by any of their names. ``names`` are ``{value: (Chinese, other names …, English)}``."""

    names: Mapping[str, Sequence[str]]

    def __call__(self, cell: Cell) -> str | None:
        if is_blank(cell):
            return None
        text = folded(cell).casefold()
        for value, names in self.names.items():
            if text == value or any(text == name.casefold() for name in names):
                return value
        words = _("“%(text)s” is not one of: %(known)s.")
        known = _(", ").join(self.words(value) for value in self.names)
        raise _unclear(words % {"text": text_of(cell)[:60], "known": known}, "choice")

    def words(self, value: str) -> str:
        """The value as the language of the page calls it."""
        return self.names[value][-1 if (get_language() or "").startswith("en") else 0]


def read_yes(cell: Cell) -> bool | None:
    """Yes or no."""
    if isinstance(cell, bool):
        return cell
    found = _YES_OR_NO(cell)
    return None if found is None else found == "yes"


def read_names(cell: Cell, *, most: int) -> list[str] | None:
    """Several names in one cell, divided by commas, semicolons or lines."""
    text = read_text(cell, most=4_000)
    if text is None:
        return None
    names = [name.strip() for name in re.split(r"[,，;；、|\n]+", text) if name.strip()]
    for name in names:
        read_text(name, most=most)
    return list(dict.fromkeys(names))


_YES_OR_NO = Choice(
    {
        "yes": ("是", "y", "1", "true", "√", "有", "启用", "在售", "yes"),
        "no": ("否", "n", "0", "false", "×", "x", "停用", "停售", "no"),
    }
)


def _number(text: str, *, money: bool) -> Decimal | None:
    """The number that folded text says, or nothing."""
    sign = Decimal(1)
    bracketed = re.fullmatch(r"\((.+)\)", text)
    if bracketed:
        sign, text = Decimal(-1), bracketed[1].strip()
    if money:
        if _FOREIGN.search(text):
            raise _unclear(_("Sums are in yuan; this one is in another currency."), "currency")
        signed = re.match(r"([+-])\s*(?=[¥￥])", text)
        text = _CURRENCY.sub("", text[signed.end() :] if signed else text).strip()
        text = _CURRENCY.sub("", text).strip()
        text = (signed[1] if signed else "") + text
    text = text.replace("−", "-").replace(" ", "")
    if text[:1] in ("-", "+") and not bracketed:
        sign, text = Decimal(-1 if text[0] == "-" else 1), text[1:]
    scale = Decimal(1)
    for word, factor in _SCALES:
        if text.endswith(word):
            scale, text = factor, text[: -len(word)]
            break
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif not _PLAIN.fullmatch(text):
        return None
    try:
        return sign * scale * Decimal(text)
    except InvalidOperation:
        return None


def _moment(cell: Cell) -> dt.datetime | None:
    if is_blank(cell):
        return None
    _refuse_error(cell)
    if isinstance(cell, dict):
        return _within(dt.datetime.fromisoformat(str(cell["at"])))
    if isinstance(cell, bool):
        raise _no_day(cell)
    if isinstance(cell, int | float):
        return _within(_moment_of_number(cell))
    text = folded(cell)
    if found := _COMPACT_DAY.fullmatch(text):
        return _within(_built(cell, *found.groups()))
    if found := _DAY.fullmatch(text):
        year, month, day, *rest = found.groups()
        hour, minute, second, offset = rest
        hours = int(hour or 0) + (12 if "下午" in text and int(hour or 0) < 12 else 0)
        built = _built(cell, year, month, day, str(hours), minute or "0", second or "0")
        if offset:
            built = dt.datetime.fromisoformat(f"{built.isoformat()}{offset.replace('Z', '+00:00')}")
            return _within(timezone.localtime(built))
        return _within(built)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):  # a spreadsheet's number that became text
        return _within(_moment_of_number(float(text)))
    raise _no_day(cell)


def _moment_of_number(number: float) -> dt.datetime:
    if EXCEL_DAYS[0] <= number <= EXCEL_DAYS[1]:
        start = dt.datetime.combine(EXCEL_DAY_0, dt.time())
        return start + dt.timedelta(seconds=round(number * 86_400))
    if float(number).is_integer() and (found := _COMPACT_DAY.fullmatch(str(int(number)))):
        return _built(number, *found.groups())
    raise _no_day(number)


def _built(cell: Cell, *parts: str | None) -> dt.datetime:
    try:
        return dt.datetime(*(int(part or 0) for part in parts))  # type: ignore[arg-type]  # noqa: DTZ001 - the time on the wall
    except ValueError:
        raise _unclear(_("There is no day “%(text)s”.") % {"text": text_of(cell)[:40]}, "day") from None


def _within(moment: dt.datetime) -> dt.datetime:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise _unclear(_("The year %(year)d cannot be right.") % {"year": moment.year}, "year")
    return moment


def _refuse_error(cell: Cell) -> None:
    if isinstance(cell, str) and _SPREADSHEET_ERROR.fullmatch(cell.strip()):
        raise _unclear(
            _("The cell holds an error of the spreadsheet: %(text)s.") % {"text": cell.strip()}, "cell_error"
        )


def _no_number(cell: Cell) -> ValidationError:
    return _unclear(_("“%(text)s” is not a number.") % {"text": text_of(cell)[:40]}, "number")


def _no_day(cell: Cell) -> ValidationError:
    words = _("“%(text)s” is not a day that can be understood; write 2026-03-05.")
    return _unclear(words % {"text": text_of(cell)[:40]}, "day")


def _unclear(words: str, code: str) -> ValidationError:
    return ValidationError(words, code=code)
