"""Phone numbers, spoken or written: 一三八幺二三四五六七八, 138 1234 5678, 0512-88886666, 400-820-8820 转 801.

Only numbers that can exist in mainland China are reported: mobiles of assigned ranges, landlines with their area code,
400 and 800 numbers. Local numbers without an area code, service numbers (110, 12345, 95588) and long codes (orders,
bank cards, identity cards) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shengce.language.folding import fold

_SPOKEN = str.maketrans("零一二两三四五六七八九幺洞拐勾", "012234567891079")
_DIGIT = "[零一二两三四五六七八九幺洞拐勾\\d]"
_RUN = re.compile(
    rf"[+{_DIGIT[1:-1]}](?:{_DIGIT}|[\s\-,，、.·()/]|那个|然后|[嗯呃啊哦](?={_DIGIT}|[\s,，]))*+"
)
_GROUP = re.compile(rf"{_DIGIT}+")
_EXTENSION = re.compile(rf"\s?(?:转分机|分机号?|转)\s?({_DIGIT}{{1,6}})(?!{_DIGIT}|[十百千万块元])")
_SHORTEST, _LONGEST = 10, 40
_MOST_GROUPS = 11

_MOBILE = re.compile(r"(?:(?:00)?86)?(1(?:3\d|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8})")
_SERVICE = re.compile(r"[48]00[1-9]\d{6}")
# Area codes by their first three digits; the set of fourth digits that are assigned (the national numbering plan).
_AREAS = {
    "031": "0123456789", "033": "5", "034": "9", "035": "0123456789", "037": "012345679", "039": "1234568", "041": "1256789",
    "042": "179", "043": "123456789", "045": "123456789", "046": "4789", "047": "0123456789", "048": "23", "051": "0123456789",
    "052": "37", "053": "0123456789", "054": "36", "055": "0123456789", "056": "123456", "057": "0123456789", "058": "0",
    "059": "123456789", "063": "12345", "066": "0238", "069": "12", "070": "1", "071": "0123456789", "072": "248",
    "073": "01456789", "074": "3456", "075": "0123456789", "076": "023689", "077": "0123456789", "079": "0123456789",
    "081": "23678", "082": "567", "083": "0123456789", "085": "123456789", "087": "0123456789", "088": "3678", "089": "12345678",
    "090": "123689", "091": "12345679", "093": "0123456789", "094": "13", "095": "12345", "097": "012345679", "099": "0123456789",
}  # fmt: skip
_BIG_CITY = re.compile(r"(?:010|02[0-57-9])[2-8]\d{7}")
_OTHER_CITY = re.compile(r"(0\d\d)(\d)[2-8]\d{6,7}")
_OTHER_CODE_BEFORE = re.compile(
    r"(?:订单|单号|编号|证号|身份证|卡号|账号|帐号|账户|税号|合同号|运单|快递号?|序列号|条码|批号|货号|型号|流水号|工号|机身号|车架号|发动机号|设备号|会员号|学号|案号|发票号|序号|备案号|注册号|QQ|qq|[A-Za-z\d])"
    r"(?:号码?|码)?[是为:：\s]{0,3}$"
)
_COUNTED_AFTER = re.compile(r"\s?[十百千万亿元块%台个吨件套年月点折]|[a-zA-Z]")


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number at code points ``[start, end)``; ``number`` is digits without country code."""

    text: str
    start: int
    end: int
    number: str
    extension: str | None = None


def find_phones(text: str) -> list[Phone]:
    """The phone numbers of a text in order."""
    folded = fold(text)
    return [
        phone
        for run in _RUN.finditer(folded)
        if run.end() - run.start() >= _SHORTEST
        for phone in _in_run(text, folded, run)
    ]


def classify(digits: str) -> str | None:
    """The number without country code when ``digits`` is a whole phone number, else ``None``."""
    if match := _MOBILE.fullmatch(digits):
        return match[1]
    if _SERVICE.fullmatch(digits) or _BIG_CITY.fullmatch(digits):
        return digits
    match = _OTHER_CITY.fullmatch(digits)
    return digits if match and match[2] in _AREAS.get(match[1], "") else None


def _in_run(text: str, folded: str, run: re.Match[str]) -> Iterator[Phone]:
    """Numbers made of whole groups: a group is never cut, so no phone is found inside a longer code."""
    groups = [group.span() for group in _GROUP.finditer(folded, run.start(), run.end())]
    first = 0
    while first < len(groups):
        found = _longest(folded, groups, first)
        if found is None:
            first += 1
            continue
        last, number = found
        start, end = groups[first][0], groups[last][1]
        if start and folded[start - 1] in "+(":
            start -= 1
        first = last + 1
        if _OTHER_CODE_BEFORE.search(folded[max(0, start - 10) : start]) or _COUNTED_AFTER.match(folded, end):
            continue
        extension = _EXTENSION.match(folded, end) if not number.startswith("1") else None
        end = extension.end() if extension else end
        said = extension[1].translate(_SPOKEN) if extension else None
        yield Phone(text[start:end], start, end, number, said)


def _longest(folded: str, groups: list[tuple[int, int]], first: int) -> tuple[int, str] | None:
    """The longest number that begins with group ``first``, and its last group."""
    best = None
    digits = ""
    for last in range(first, min(len(groups), first + _MOST_GROUPS)):
        start, end = groups[last]
        if end - start > _LONGEST or len(digits) > _LONGEST:
            break
        digits += folded[start:end].translate(_SPOKEN)
        if number := classify(digits):
            best = (last, number)
    return best
