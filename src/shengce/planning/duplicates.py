"""Which two customers may be one firm that was entered twice: points with reasons, and a search that compares only
those that share something.

One name is not one customer: branches, shops of a chain and namesakes in other towns share it. So the name alone brings a
pair no further than to the threshold; tax number, phone and place decide, for and against. All points are arguments.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Generic, NamedTuple, TypeVar

from shengce.language import pinyin
from shengce.planning.firm_names import FirmName, parse, place_of

Key = TypeVar("Key", bound=Hashable)

COMMON: Final = 12
"""A name, or a particular part of one, that more firms carry than this says little (华丰, 金源)."""
SHARED: Final = 4
"""A phone number that more firms give than this is an agent's or a hotline's."""
MOST_IN_BLOCK: Final = 40
"""Larger blocks are not compared pair by pair; what is alike in them shares a smaller block too."""


@dataclass(frozen=True, slots=True)
class Firm(Generic[Key]):
    """What is known of one customer; ``phones`` are digits, those of his contacts too. Unknown is empty."""

    key: Key
    name: str
    city: str = ""
    phones: tuple[str, ...] = ()
    tax_number: str = ""
    address: str = ""


class Reason(NamedTuple):
    """One ground for (points above 0) or against; ``code`` is a key of :class:`Weights`."""

    code: str
    points: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each ground; :data:`suspect` is the sum from which a person should look."""

    suspect: int = 45
    name_same: int = 44
    name_short: int = 32
    name_sounds: int = 25
    name_near: int = 25
    name_part: int = 15
    name_trade: int = -10
    name_other: int = -35
    name_common: int = -15
    branch_same: int = 7
    branch_one: int = -52
    branch_other: int = -100
    tax_same: int = 85
    tax_same_branch: int = 40
    tax_other: int = -70
    mobile_same: int = 40
    phone_same: int = 32
    phone_part: int = 20
    phone_shared: int = 5
    phone_other: int = -10
    city_same: int = 12
    city_other: int = -40
    address_same: int = 30
    address_street: int = 10
    address_other: int = -30


DEFAULT: Final = Weights()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How alike two firms are, from 0 to 100, and why; the grounds that weigh most come first."""

    score: int
    suspect: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Pair(Generic[Key]):
    one: Key
    other: Key
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Profile(Generic[Key]):
    """A firm made ready for comparison."""

    key: Key
    name: FirmName
    sound: str
    cities: frozenset[str]
    phones: frozenset[str]
    tax: str
    street: str
    door: str


@dataclass(frozen=True, slots=True)
class Background:
    """What is common among all firms: whole names, particular parts of names and phone numbers that say little."""

    cores: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()


# --- the parts


_TAX = re.compile(r"[0-9A-Z]{15}|[0-9A-HJ-NP-RTUWXY]{18}")
_CODES: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_HOTLINE = re.compile(r"(?:400|800)\d{7}|(?:95|96|1[01]\d)\d{2,4}")
_STREET = re.compile(r"([\w]{1,12}?(?:大道|大街|路|街|道|巷|弄|村|园区?|广场|工业区|城))(\d*)")
_DOOR = re.compile(r"(\d+)(?:-\d+)?号?")
_ADMIN = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区))?(?:[\u4e00-\u9fff]{2,6}?市)?"
    r"(?:[\u4e00-\u9fff]{2,6}?(?:新区|开发区|区|县))?"
    r"(?:[\u4e00-\u9fff]{2,4}?(?:镇|街道|乡))?"
)
_NUMERALS = str.maketrans("零〇一二三四五六七八九", "00123456789")


def tax_key(text: str) -> str:
    """What a tax number says about the firm: the nine signs of the organisation code; empty for what is no number.

    GB 32100-2015: signs 9 to 17 of the 18 are the organisation code, as 7 to 15 of the old 15 were; the last is a check sign.
    """
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not _TAX.fullmatch(number) or len(set(number)) < 4 or number in "12345678901234567890":
        return ""
    return number[8:17] if len(number) == 18 else number[6:15]


def tax_checks(text: str) -> bool:
    """Whether the check sign of an 18-sign number fits; old numbers have none and pass."""
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(number) != 18 or any(sign not in _CODES for sign in number):
        return len(number) == 15
    total = sum(_CODES.index(sign) * pow(3, place, 31) for place, sign in enumerate(number[:17]))
    return _CODES[(31 - total % 31) % 31] == number[17]


def prepare(firm: Firm[Key]) -> Profile[Key]:
    """Take the values of a firm apart, once."""
    name = parse(firm.name)
    city = place_of(firm.city) if firm.city else ""
    street, door = _address(firm.address)
    return Profile(
        key=firm.key,
        name=name,
        sound=pinyin.encode(name.core, fuzzy=True),
        cities=frozenset({city}) if city else name.places,
        phones=frozenset(phone for phone in firm.phones if phone),
        tax=tax_key(firm.tax_number) if tax_checks(firm.tax_number) else "",
        street=street,
        door=door,
    )


def _address(text: str) -> tuple[str, str]:
    """``苏州市姑苏区观前街一八八号2楼`` as street 观前街 and door 188; what has no street is taken as a whole."""
    folded = re.sub(r"[^\w-]", "", unicodedata.normalize("NFKC", text[:200])).translate(_NUMERALS)
    rest = folded[_ADMIN.match(folded).end() :]  # type: ignore[union-attr]
    if not (match := _STREET.search(rest)):
        return (folded, "") if len(folded) >= 6 else ("", "")
    door = _DOOR.search(rest, match.end(1))
    return match.group(1), door.group(1) if door else ""


# --- two firms


def judge(
    one: Profile[Key], other: Profile[Key], *, known: Background = Background(), weights: Weights = DEFAULT
) -> Verdict:
    """Points for and against that two firms are one. ``known`` says which names and phones are common."""
    reasons = [
        *_name_reasons(one, other, known, weights),
        *_branch_reasons(one.name.branch, other.name.branch, weights),
        *_tax_reasons(one, other, weights),
        *_phone_reasons(one.phones, other.phones, known, weights),
        *_place_reasons(one, other, weights),
    ]
    total = sum(reason.points for reason in reasons)
    reasons.sort(key=lambda reason: -abs(reason.points))
    return Verdict(max(0, min(100, total)), total >= weights.suspect, tuple(reasons))


def _name_reasons(one: Profile[Key], other: Profile[Key], known: Background, w: Weights) -> Iterator[Reason]:
    a, b = one.name, other.name
    code = _name_code(a, b, one.sound, other.sound)
    yield Reason(code, getattr(w, code))
    if code in ("name_same", "name_short"):
        # There is one 第六人民医院 in a town, and there are a hundred in the country.
        many = a.core in known.cores if code == "name_same" else a.distinct in known.names
        common = not one.cities & other.cities if a.generic else many
        if common:
            yield Reason("name_common", w.name_common)


def _name_code(a: FirmName, b: FirmName, sound_a: str, sound_b: str) -> str:
    if a.core == b.core:
        return "name_same"
    if a.generic or b.generic:
        return "name_other"  # 第一中学 and 第二中学 differ in all that they have
    if a.distinct == b.distinct:
        alike = a.group == b.group or -1 in (a.group, b.group)
        return "name_short" if alike else "name_trade"
    if sound_a == sound_b and len(sound_a) >= 3:
        return "name_sounds"
    if len(a.core) >= 4 and _one_slip(a.core, b.core):
        return "name_near"
    short, long = sorted((a.distinct, b.distinct), key=len)
    return "name_part" if len(short) >= 3 and short in long else "name_other"


_TELLING: Final = frozenset("0123456789一二三四五六七八九十东西南北中上下前后大小新老甲乙丙丁")


def _one_slip(a: str, b: str) -> bool:
    """Whether one sign was left out, added, changed, or two were swapped; a number or a direction is no slip."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    tail_a, tail_b = a[start:], b[start:]
    if len(a) == len(b):
        fits = tail_a[1:] == tail_b[1:] or (tail_a[:2] == tail_b[1::-1] and tail_a[2:] == tail_b[2:])
        changed = tail_a[:1] + tail_b[:1]
    else:
        long, short = (tail_a, tail_b) if len(a) > len(b) else (tail_b, tail_a)
        fits, changed = long[1:] == short, long[:1]
    return fits and not any(sign in _TELLING for sign in changed)


def _branch_reasons(a: str, b: str, w: Weights) -> Iterator[Reason]:
    if a and a == b:
        yield Reason("branch_same", w.branch_same)
    elif a and b:
        yield Reason("branch_other", w.branch_other)
    elif a or b:
        yield Reason("branch_one", w.branch_one)


def _tax_reasons(a: Profile[Key], b: Profile[Key], w: Weights) -> Iterator[Reason]:
    if not a.tax or not b.tax:
        return
    if a.tax != b.tax:
        yield Reason("tax_other", w.tax_other)
    elif not a.name.branch and not b.name.branch:
        yield Reason("tax_same", w.tax_same)
    else:  # one taxpayer, several shops
        yield Reason("tax_same_branch", w.tax_same_branch)


def _phone_reasons(a: frozenset[str], b: frozenset[str], known: Background, w: Weights) -> Iterator[Reason]:
    if not a or not b:
        return
    common = a & b
    telling = [phone for phone in common if phone not in known.phones and not _HOTLINE.fullmatch(phone)]
    if any(_MOBILE.fullmatch(phone) for phone in telling):
        yield Reason("mobile_same", w.mobile_same)
    elif telling:
        yield Reason("phone_same", w.phone_same)
    elif common:
        yield Reason("phone_shared", w.phone_shared)
    elif _same_desk(a, b):
        yield Reason("phone_part", w.phone_part)
    else:
        yield Reason("phone_other", w.phone_other)


def _same_desk(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether one gives 88886666 and the other 0512 88886666."""
    return any(
        long.startswith("0") and long.endswith(short) and len(long) > len(short)
        for first, second in ((a, b), (b, a))
        for long in first
        for short in second
        if len(short) in (7, 8)
    )


def _place_reasons(a: Profile[Key], b: Profile[Key], w: Weights) -> Iterator[Reason]:
    if a.cities and b.cities:
        same = bool(a.cities & b.cities)
        yield Reason("city_same", w.city_same) if same else Reason("city_other", w.city_other)
        if not same:
            return
    if not a.street or not b.street:
        return
    if a.street != b.street:
        yield Reason("address_other", w.address_other)
    elif a.door == b.door:
        yield Reason("address_same", w.address_same)
    elif a.door and b.door:
        yield Reason("address_other", w.address_other)
    else:
        yield Reason("address_street", w.address_street)


# --- all firms


def background_of(profiles: Iterable[Profile[Key]]) -> Background:
    """Names that more than :data:`COMMON` firms carry, phones that more than :data:`SHARED` give."""
    cores: Counter[str] = Counter()
    names: Counter[str] = Counter()
    phones: Counter[str] = Counter()
    for profile in profiles:
        cores[profile.name.core] += 1
        names[profile.name.distinct] += 1
        phones.update(profile.phones)
    return Background(
        frozenset(core for core, count in cores.items() if count > COMMON),
        frozenset(name for name, count in names.items() if count > COMMON),
        frozenset(phone for phone, count in phones.items() if count > SHARED),
    )


def find_pairs(firms: Iterable[Firm[Key]], *, weights: Weights = DEFAULT) -> list[Pair[Key]]:
    """Every suspected pair, the most alike first. Only firms that share a tax number, a phone, an address or the particular
    part of the name with the same branch are compared: no other pair reaches the threshold with the default weights,
    but for a slip in the name together with a common street.
    """
    profiles = [prepare(firm) for firm in firms]
    known = background_of(profiles)
    found = []
    for first, second in sorted(_candidates(profiles)):
        verdict = judge(profiles[first], profiles[second], known=known, weights=weights)
        if verdict.suspect:
            found.append(Pair(profiles[first].key, profiles[second].key, verdict))
    found.sort(key=lambda pair: -pair.verdict.score)
    return found


def _candidates(profiles: Sequence[Profile[Key]]) -> set[tuple[int, int]]:
    blocks: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, profile in enumerate(profiles):
        for block in set(_blocks(profile)):
            blocks[block].append(place)
    pairs: set[tuple[int, int]] = set()
    for block, members in blocks.items():
        for group in _small_enough(block, members, profiles):
            pairs.update(combinations(group, 2))
    return pairs


def _blocks(profile: Profile[Key]) -> Iterator[tuple[str, ...]]:
    name = profile.name
    yield ("name", name.distinct, name.branch)
    if profile.tax:
        yield ("tax", profile.tax)
    for phone in profile.phones:
        yield ("phone", phone)
        if phone.startswith("0") and len(phone) > 9:
            yield ("desk", phone[-8:])
        elif len(phone) in (7, 8):
            yield ("desk", phone)
    if profile.street and profile.door:
        yield ("address", profile.street, profile.door)


def _small_enough(
    block: tuple[str, ...], members: list[int], profiles: Sequence[Profile[Key]]
) -> Iterator[list[int]]:
    """A block that is too large, by city and core; what is then still too large shares too little to be one firm."""
    if len(members) <= MOST_IN_BLOCK:
        yield members
        return
    parts: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place in members:
        for city in profiles[place].cities or ("",):
            parts[city, profiles[place].name.core].append(place)
    yield from (part for part in parts.values() if len(part) <= MOST_IN_BLOCK)
