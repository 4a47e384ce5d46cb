"""What is particular in the name of a Chinese firm: 苏州云海大酒店有限公司(观前店) is 云海, a 大酒店, in 苏州, shop 观前.

Rule of names (企业名称登记管理规定): a name is place, particular part (字号), trade, legal form, in this order; a branch adds
its own place and 分公司 or 店. The words are data: ``data/firm_names.yaml``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

DATA: Final = Path(__file__).with_name("data") / "firm_names.yaml"
MOST: Final = 200
"""Longer names are cut: no firm has one."""

_BRACKETED = re.compile(r"[(\[【〔<《]([^()\[\]【】〔〕<>《》]*)[)\]】〕>》]")
_NOISE = re.compile(r"[^\w()]+|_")
_SPLIT = re.compile(r"(?<=[\u4e00-\u9fff])\s*[-—–·・/|]\s*(?=[\u4e00-\u9fff\d])")
_DIGITS = str.maketrans("零〇一二三四五六七八九两壹贰叁", "001234567892123")
_ORDINAL = re.compile(r"第?([一二三四五六七八九十\d]{1,3})(?=号?分?(?:店|厂|部|院|校|公司|支行|院区|校区))")
_GENERIC = re.compile(r"第?[一二三四五六七八九十\d]{1,3}")
_SIDES = tuple("东西南北中新老总")
_DISTRICT = re.compile(r"^[\u4e00-\u9fff]{2,3}(?:新区|开发区|园区|区|县|镇)(?=[\u4e00-\u9fff\w]{2})")


@dataclass(frozen=True, slots=True)
class FirmName:
    """The parts of a name. ``core`` is the name without place, form and branch; ``distinct`` is its particular part.

    ``group`` is the line of alike trades, -1 for none. ``generic``: nothing in it is particular (第一中学, 苏州大学), so that
    its trade must be the very same. ``branch`` is empty for a whole firm. ``places`` are without 省 and 市.
    """

    core: str
    distinct: str
    group: int
    generic: bool
    branch: str
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Words:
    places: tuple[str, ...]
    doubtful: frozenset[str]
    forms: tuple[str, ...]
    trades: dict[str, int]
    longest_trade: int
    branches: tuple[str, ...]
    shops: tuple[str, ...]
    lead: re.Pattern[str]


@cache
def _words() -> _Words:
    data: dict[str, str] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    listed = {name: tuple(text.split()) for name, text in data.items() if name != "trades"}
    trades = {word: line for line, text in enumerate(data["trades"].splitlines()) for word in text.split()}
    trades |= dict.fromkeys(listed["any_trade"], -1)
    places = tuple(sorted({*listed["provinces"], *listed["cities"]}, key=len, reverse=True))
    doubtful = frozenset(listed["doubtful"])
    lead = "|".join(
        f"{place}(?:省|市|县|区)"
        if place in doubtful
        else f"{place}(?:壮族自治区|回族自治区|维吾尔自治区|自治区|省|市|县)?"
        for place in places
    )
    return _Words(
        places=places,
        doubtful=doubtful,
        forms=tuple(sorted(listed["forms"], key=len, reverse=True)),
        trades=trades,
        longest_trade=max(map(len, trades)),
        branches=tuple(sorted(listed["branches"], key=len, reverse=True)),
        shops=listed["shops"],
        lead=re.compile(f"^(?:{lead})"),
    )


def plain(text: str) -> str:
    """Half width, lower case, without what people type between characters; brackets are round and stay."""
    folded = unicodedata.normalize("NFKC", text[:MOST]).lower()
    folded = _SPLIT.sub("(", folded, count=1) + (")" if _SPLIT.search(folded) else "")
    return _NOISE.sub("", _BRACKETED.sub(r"(\1)", folded))


def place_of(text: str) -> str:
    """A city or province as one spelling: ``苏州市`` and ``江苏苏州`` are ``苏州``; what is not known stays as it is."""
    bare = re.sub(
        r"(?:省|市|县|区|自治区|特别行政区)$", "", _NOISE.sub("", unicodedata.normalize("NFKC", text[:MOST]))
    )
    words = _words()
    rest = bare
    found = ""
    while rest and (match := words.lead.match(rest)):
        found = re.sub(r"(?:.{2}自治区|自治区|省|市|县)$", "", match.group()) or found
        rest = rest[match.end() :]
    return found if found and not rest else (rest or bare)


def parse(name: str) -> FirmName:
    """The parts of a name; a name that has nothing particular (苏州大学) keeps its place as the particular part."""
    words = _words()
    body, branch, places = _without_brackets(plain(name), words)
    whole = body
    body, found = _without_places(body, words)
    places |= found
    body = _without_form(body, words)
    if not branch:
        body, branch = _without_branch(body, words)
        body = _without_form(body, words)
    if body.endswith("厂") and _split_trade(body[:-1], words)[0] != body[:-1]:
        body = body[:-1]  # 纺织厂 became 纺织有限公司: the same firm after a reform
    distinct, group = _split_trade(body, words)
    generic = not distinct or _GENERIC.fullmatch(distinct) is not None
    if not distinct:
        body = _without_form(_without_branch(whole, words)[0], words) or whole or plain(name) or name.strip()
        distinct, group = _split_trade(body, words)
        distinct = distinct or body
    return FirmName(body, distinct, group, generic, branch, frozenset(places))


def _without_brackets(text: str, words: _Words) -> tuple[str, str, set[str]]:
    """A place in brackets is a place, a legal form is nothing, all else says which part of the firm."""
    places: set[str] = set()
    branch = ""
    for inside in re.findall(r"\(([^()]*)\)", text):
        bare = place_of(inside)
        if bare in words.places:
            places.add(bare)
        elif inside and inside not in words.forms:
            branch = branch or _branch_key(inside, words)
    return re.sub(r"\([^()]*\)", "", text).replace("(", "").replace(")", ""), branch, places


def _without_places(text: str, words: _Words) -> tuple[str, set[str]]:
    found: set[str] = set()
    while (match := words.lead.match(text)) and len(text) - match.end() >= 2:
        found.add(re.sub(r"(?:..自治区|自治区|省|市|县|区)$", "", match.group()))
        text = text[match.end() :]
    if found and (district := _DISTRICT.match(text)):
        text = text[district.end() :]
    return text, found


def _without_form(text: str, words: _Words) -> str:
    if "分公司" in text[-3:]:
        return text
    for form in words.forms:
        if text.endswith(form) and len(text) > len(form):
            return _without_form(text[: -len(form)], words)
    return text


def _without_branch(text: str, words: _Words) -> tuple[str, str]:
    """``如家酒店观前街店`` → ``如家酒店``, ``观前街``; ``大明眼镜店`` is a shop and no branch."""
    end = next((end for end in words.branches if text.endswith(end)), "")
    if not end or len(text) <= len(end) + 1 or text.endswith(words.shops):
        return text, ""
    for form in words.forms:  # …有限公司苏州分公司
        if (at := text.find(form)) > 0 and at + len(form) < len(text):
            return text[:at], _branch_key(text[at + len(form) :], words)
    if match := re.search(r"第?[一二三四五六七八九十\d]{1,3}号?" + end + "$", text):
        return text[: match.start()], _branch_key(match.group(), words)
    before = text[: -len(end)]
    for size in range(min(words.longest_trade, len(before)), 1, -1):  # the branch begins after the last trade
        for at in range(len(before) - size, 0, -1):
            part = before[at + size :]
            if before[at : at + size] in words.trades and (len(part) >= 2 or part in _SIDES):
                return before[: at + size], _branch_key(text[at + size :], words)
    if end in ("分公司", "分店", "分厂", "分院", "分校", "分部", "分行"):
        body, places = _trailing_place(before, words)
        return (body, _branch_key(text[len(body) :], words)) if places else (before, end)
    return text, ""


def _trailing_place(text: str, words: _Words) -> tuple[str, str]:
    for place in words.places:
        if text.endswith(place) and len(text) > len(place) + 1:
            return text[: -len(place)], place
    return text, ""


def _branch_key(text: str, words: _Words) -> str:
    """One spelling of a branch: ``第二分店``, ``2号店`` and ``二店`` are ``2``; ``观前街店`` is ``观前街``."""
    if (match := _ORDINAL.search(text)) and len(text) - len(match.group()) <= 4:
        return match.group(1).translate(_DIGITS).replace("十", "10")
    end = next((end for end in words.branches if text.endswith(end) and len(text) > len(end)), "")
    bare = text[: -len(end)] if end else text
    lead = words.lead.match(bare)
    return bare[lead.end() :] if lead and lead.end() < len(bare) else bare


def _split_trade(text: str, words: _Words) -> tuple[str, int]:
    """The particular part, and the line of the last word of trade (-1: none); words of trade may follow each other."""
    rest, group = text, -1
    while True:
        for size in range(min(words.longest_trade, len(rest)), 0, -1):
            if rest[-size:] in words.trades:
                group = words.trades[rest[-size:]] if group < 0 else group
                rest = rest[:-size]
                break
        else:
            return rest, group
