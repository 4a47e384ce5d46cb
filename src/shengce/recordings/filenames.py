"""What the names say that phones and exchanges give to their recordings: number, contact, direction, moment.

Pure and total: any name gives hints or nothing, never an error. ``PATTERNS`` is read from top to bottom, the first
that fits the whole name (without its extension) counts. Moments are on the clock of the phone, so the caller says
which time zone that is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, tzinfo

from shengce.people.phone_numbers import is_extension, normalise_phone
from shengce.recordings.hints import Hints
from shengce.recordings.moments import moment_of, moment_of_digits

LONGEST_NAME = 300

# Parts of the patterns below.
_NUMBER = r"\+?\d(?:[\d\- ]{1,20})\d"
_WHO = (
    rf"(?:(?P<contact>[^()（）@]{{1,60}}?)\s*[(（](?P<number>{_NUMBER})[)）]|(?P<alone>[^()（）@]{{1,60}}?))"
)
_14 = r"(?P<digits>\d{14})"
_DASHED = r"(?P<y>20\d\d)-(?P<mo>\d\d)-(?P<d>\d\d)[ _T-](?P<h>\d\d)[-.:_](?P<mi>\d\d)(?:[-.:_](?P<s>\d\d))?"
_SPLIT = r"(?P<y>20\d\d)(?P<mo>\d\d)(?P<d>\d\d)[-_ ](?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)"
_WORD = r"呼入|呼出|来电|去电|拨出|接听|incoming|outgoing|inbound|outbound|in|out"
_COPY = r"(?:\s*[(（]\d{1,3}[)）]|_\d{1,2})?"  # "name (1)": the second of that name

DIRECTIONS: dict[str, str] = {
    "呼入": "in", "来电": "in", "接听": "in", "incoming": "in", "inbound": "in", "in": "in", "↙": "in", "0": "in",
    "呼出": "out", "去电": "out", "拨出": "out", "outgoing": "out", "outbound": "out", "out": "out", "↗": "out", "1": "out",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one maker's recorder writes names; groups of the expression are the parts."""

    name: str
    expression: re.Pattern[str]


def _pattern(name: str, expression: str) -> Pattern:
    return Pattern(name, re.compile(expression, re.IGNORECASE))


PATTERNS: tuple[Pattern, ...] = (
    # 通话录音@张三(13812340001)_20261102093015; Call@…: EMUI, HarmonyOS, and Honor's MagicOS
    _pattern("huawei", rf"(?:通话录音|电话录音|Call(?: recording)?)\s*@\s*{_WHO}_{_14}{_COPY}"),
    # 13812340001@张三_20261102093015: early EMUI
    _pattern("huawei-early", rf"(?P<number>{_NUMBER})@(?P<contact>[^@_]{{0,60}})_{_14}{_COPY}"),
    # 张三(13812340001)_20261102093015; 13812340001_20261102093015: MIUI, HyperOS
    _pattern("xiaomi", rf"{_WHO}_{_14}{_COPY}"),
    # Call recording 张三_261102_093015; 通话录音 13812340001_261102_093015: One UI
    _pattern(
        "samsung",
        rf"(?:Call recording|Voice|通话录音|通話錄音)\s+{_WHO}_(?P<y2>\d\d)(?P<mo>\d\d)(?P<d>\d\d)_(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d){_COPY}",
    ),
    # 张三-2611020930: ColorOS (OPPO, realme, OnePlus)
    _pattern("oppo", rf"{_WHO}-(?P<digits>2\d{{9}}|20\d{{12}}){_COPY}"),
    # 2026-11-02 09-30-15 (phone) 张三 (+86 138 1234 0001) ↗
    _pattern(
        "cube-acr",
        rf"{_DASHED} \([a-z ]{{2,20}}\) (?:(?P<contact>.{{1,60}}?) )?\((?P<number>{_NUMBER})\)(?: (?P<way>[↗↙]))?{_COPY}",
    ),
    # 20261104-100233_13912340002_out; 20261104_100233_张三_13912340002_in: ACR and the Google dialler's exports
    _pattern(
        "acr", rf"{_SPLIT}_(?:(?P<contact>[^_]{{1,60}})_)?(?P<number>{_NUMBER})_(?P<way>{_WORD}){_COPY}"
    ),
    # 1d20261104100233p+8613812340001: ACR before 2018
    _pattern("acr-early", rf"(?P<way>[01])d{_14}p(?P<number>{_NUMBER})"),
    # Call with 张三 2026-11-02 at 09.30.15; 与张三的通话 2026-11-02 09.30.15: iOS 18 and later
    _pattern(
        "iphone",
        r"(?:Call (?:Recording )?with|与|和)\s*[“\"]?(?P<alone>[^“”\"]{1,60}?)[”\"]?\s*(?:的?通话(?:录音)?)?"
        r"(?:[ _-]+(?P<y>20\d\d)-(?P<mo>\d\d)-(?P<d>\d\d)(?: at)?[ _](?P<h>\d\d)[.\-:](?P<mi>\d\d)(?:[.\-:](?P<s>\d\d))?)?"
        + _COPY,
    ),
    # 13812340001 2026-11-02 09-30-15; 张三 2026-11-02 09-30-15: vivo
    _pattern("vivo", rf"(?!(?:录音|新录音|recording)\b){_WHO}[ _]{_DASHED}{_COPY}"),
    # out-13812340001-8001-20261103-141502-1699000000.12: FreePBX, Issabel (kind-to-from)
    _pattern(
        "freepbx",
        rf"(?P<kind>out|in|external|internal|exten|q|rg|force|g)-(?P<to>\+?\d{{2,20}})-(?P<from>\+?\d{{2,20}}|anonymous|unknown)-{_SPLIT}(?:-[\d.]{{1,30}})?{_COPY}",
    ),
    # 20261103-141502-8001-13812340001-1699000000.12: Asterisk's MixMonitor as commonly set up (from, to)
    _pattern(
        "asterisk", rf"{_SPLIT}-(?P<from>\+?\d{{2,20}})-(?P<to>\+?\d{{2,20}})(?:-[\d.]{{1,30}})?{_COPY}"
    ),
    # 2026-11-03-14-15-02_13812340001_8001: FreeSWITCH's own dial plan (to, from)
    _pattern("freeswitch", rf"{_DASHED}_(?P<to>\+?\d{{2,20}})_(?P<from>\+?\d{{2,20}}){_COPY}"),
    # Call_13812340001_20261117_141502; Call_out_13812340001_20261117_141502: small Android recorders
    _pattern(
        "call",
        rf"(?:Call|Rec|Record|录音|通话)_(?:(?P<way>{_WORD})_)?(?:(?P<contact>[^_]{{1,60}})_)?(?P<number>{_NUMBER})_{_SPLIT}{_COPY}",
    ),
    # 现场_云海大酒店_20261112_100512: our own recorder page and what we ask people to write
    _pattern(
        "onsite",
        rf"(?P<onsite>现场|面谈|拜访|onsite|visit)_(?P<customer>[^_]{{1,80}})_(?:{_SPLIT}|{_14}){_COPY}",
    ),
)

_LOOSE_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_LOOSE_MOMENTS: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?<!\d)(?P<digits>20\d{12})(?!\d)"),
    re.compile(rf"(?<!\d){_SPLIT}(?!\d)"),
    re.compile(rf"(?<!\d){_DASHED}(?!\d)"),
)
_LOOSE_WAY = re.compile(
    r"(?<![a-z])(呼入|呼出|来电|去电|拨出|incoming|outgoing|inbound|outbound|in|out)(?![a-z])", re.IGNORECASE
)
_MADE_UP_CONTACT = re.compile(
    r"(?:未知|unknown|私人号码|private|通话录音|录音|new recording|新录音|\d+)\s*", re.IGNORECASE
)


def read_name(name: str, *, zone: tzinfo) -> Hints:
    """What a file name says; ``Hints.pattern`` names the pattern that fitted, ``generic`` for loose finds."""
    stem = _stem(name)
    for pattern in PATTERNS:
        match = pattern.expression.fullmatch(stem)
        if match is None:
            continue
        hints = _hints(pattern.name, match, zone)
        if hints.phone or hints.contact or hints.customer or hints.caller:
            return hints
    return _loose(stem, zone)


def _stem(name: str) -> str:
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem, dot, extension = base.rpartition(".")
    known = dot and stem and re.fullmatch(r"[A-Za-z0-9]{1,5}", extension) and not extension.isdecimal()
    return (stem if known else base).strip()[:LONGEST_NAME]


def _hints(pattern: str, match: re.Match[str], zone: tzinfo) -> Hints:
    parts = {name: value for name, value in match.groupdict().items() if value}
    number = normalise_phone(parts.get("number", "")) or normalise_phone(parts.get("alone", ""))
    contact = parts.get("contact", "" if number else parts.get("alone", "")).strip(" -_·")
    if _MADE_UP_CONTACT.fullmatch(contact) or normalise_phone(contact):
        contact = ""
    direction = "onsite" if "onsite" in parts else DIRECTIONS.get(parts.get("way", "").lower(), "")
    moment = _moment(parts, zone)
    if "to" in parts:
        return _between(pattern, parts, moment)
    return Hints(
        phone=number,
        contact=contact,
        customer=parts.get("customer", "").strip(),
        direction=direction,
        started_at=moment,
        pattern=pattern,
    )


def _between(pattern: str, parts: dict[str, str], moment: datetime | None) -> Hints:
    """An exchange writes both numbers: the extension is the rep, the long number the customer."""
    to, source = normalise_phone(parts["to"]), normalise_phone(parts["from"])
    kind = parts.get("kind", "").lower()
    if kind == "out" or (not kind and is_extension(source) and not is_extension(to)):
        return Hints(phone=to, own_number=source, direction="out", started_at=moment, pattern=pattern)
    if kind in ("in", "external", "q", "rg") or (not kind and is_extension(to) and not is_extension(source)):
        return Hints(phone=source, own_number=to, direction="in", started_at=moment, pattern=pattern)
    return Hints(caller=source, callee=to, started_at=moment, pattern=pattern)


def _moment(parts: dict[str, str], zone: tzinfo) -> datetime | None:
    if "digits" in parts:
        return moment_of_digits(parts["digits"], zone)
    if "mo" not in parts:
        return None
    year = int(parts["y"]) if "y" in parts else 2000 + int(parts["y2"])
    month, day, hour, minute, second = (int(parts.get(name, 0)) for name in ("mo", "d", "h", "mi", "s"))
    return moment_of(zone, year, month, day, hour, minute, second)


def _loose(stem: str, zone: tzinfo) -> Hints:
    """A mobile number and a moment anywhere in the name; a number alone is enough, a direction alone is not."""
    moment = None
    rest = stem
    for expression in _LOOSE_MOMENTS:
        found = expression.search(stem)
        moment = moment or (
            _moment({k: v for k, v in found.groupdict().items() if v}, zone) if found else None
        )
        if found:
            rest = stem[: found.start()] + " " + stem[found.end() :]
            break
    numbers = {normalise_phone(match[1]) for match in _LOOSE_MOBILE.finditer(rest)} - {""}
    phone = numbers.pop() if len(numbers) == 1 else ""
    if not phone and moment is None:
        return Hints()
    way = _LOOSE_WAY.search(rest) if phone else None
    direction = DIRECTIONS[way[1].lower()] if way else ""
    return Hints(phone=phone, direction=direction, started_at=moment, pattern="generic")
