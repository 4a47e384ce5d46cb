"""Appointments: a time that one side names for a meeting and the other accepts; the later one replaces what it moves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_text
from shengce.language.heard import Heard, Turn, moment
from shengce.language.times import Time
from shengce.language.values import Fact

_UNABLE = re.compile(
    r"(?<!行)不行|没空|没时间|不在|不方便|来不了|去不了|要开会|有(?:个)?会|开会(?!吧)|要加班|加班|出差|有事|来人|值班|赶不上|上课|太忙|要去|(?<!可)不可以"
)
_PLACE = re.compile(
    r"(?:到|在|来|去|(?<=点)|(?<=,))(?P<place>(?:我们?|你们?|您们?|咱们?)?[\u4e00-\u9fffa-z\d]{0,8}?"
    r"(?:分?公司|门?店|工?厂|办公室|会议室|门诊楼|仓库|工地|酒店|茶楼|咖啡[厅馆店]|展厅|门口|学校|医院|中心|大厦|广场|车间|现场|家里?|样板间|售楼[处部]|校区|食堂|前台|实验室|写字楼|单位|[一二三四五六七八九十\d]+楼)"
    r"(?:里)?(?:的?[\u4e00-\u9fff\d]{0,6}?(?:楼|层|室|号门|会议室|办公室|门口|大厅|展厅))*)"
)
_NOT_A_PLACE = re.compile(r"^(?:看|聊|谈|做|时候|给|跟)|(?:了|的|到)$")
_TO_A_PLACE = re.compile(r"^(?:我|你|您|我们|你们|咱们)?(?:去|到|来|在|还是在?|就在?|直接(?:到|去))")
_STRONG = re.compile(
    r"见(?:面|个面|您|你)?|拜访|上门|面谈|碰(?:个|一)?[面头]|约|试驾|试听|看房|看样|参观|聊聊|验货|提车|交车|过来(?:看|量|装|谈|一趟)|过去(?:看|量|一趟)|去(?:看|量|拜访)|验厂|量[尺房]|演示|开个[^,。]{0,3}会|来店|来看|(?<![后近未将从])来[吧嘛]"
)
_WITHIN = re.compile(r"(?:之内|以内|[时天钟周月]内)")
_WEEKDAY = re.compile(r"^(?:周|星期|礼拜)[一二三四五六日天]")
_CONFIRMS = re.compile(r"(?:跟|和|向)您(?:再)?(?:确认|核对|敲定)|提醒您")
_DAY = re.compile(r"[今明后]天|周|星期|礼拜|[号日]|后天")
_CLOCK_ONLY = re.compile(r"^(?:上午|下午|早上|晚上|中午|傍晚)?[零一二两三四五六七八九十\d]{1,3}(?:点|:)")
_SETTLED_RUNS = 4


@dataclass(frozen=True, slots=True)
class _Offer:
    """A time for a meeting, as one side named it."""

    turn: Turn
    clause: Clause
    time: Time
    moves: bool

    @property
    def has_clock(self) -> bool:
        return not (self.time.begin and self.time.until) or self.time.until - self.time.begin < timedelta(
            hours=12
        )


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    agreed: list[_Offer] = []
    for turn in heard.turns:
        if not turn.times:
            continue
        offer = _offer(heard, turn, earlier)
        if offer is not None and _accepted(heard, offer, agreed):
            agreed = _settle(agreed, offer)
    for offer in agreed:
        begin, until = moment_of(offer.time)
        value = {"start": begin, "end": until, "place": _place(heard, offer)}
        start, end = offer.clause.start, max(offer.clause.end, offer.time.end)
        yield heard.fact("appointment", value, offer.turn, start, end, confidence=0.85)


def moment_of(time: Time) -> tuple[str | None, str | None]:
    value = moment(time) or {}
    return value.get("start"), value.get("end")


def _offer(heard: Heard, turn: Turn, earlier: Earlier) -> _Offer | None:
    """The last time in the turn at which the speaker could meet."""
    chosen: _Offer | None = None
    for time in turn.times:
        clause = turn.clause_at(time.start)
        time = _on_the_day_asked(heard, turn, _ahead(time, heard.at))
        if time.begin is None or time.begin < heard.at - timedelta(hours=1) or _unfit(turn, clause, earlier):
            continue
        if time.until is None and "后" not in time.text:
            continue
        if time.until is not None and time.until - time.begin > timedelta(days=1):
            continue
        if _UNABLE.search(clause.text) or _unable_next(turn, clause):
            continue
        if not _about_meeting(heard, turn, clause):
            continue
        moves = turn.has("appointments.moved") or _answers_offer(heard, turn)
        offer = _Offer(turn, clause, time, moves)
        if chosen is None or offer.has_clock or not chosen.has_clock:
            chosen = offer
    if chosen is not None and not chosen.has_clock and not _STRONG.search(turn.text):
        return chosen if _answers_when(heard, turn) else None
    return chosen


def _ahead(time: Time, at: datetime) -> Time:
    """周三上午 said on a Wednesday afternoon is next week's."""
    if time.begin is None or time.until is None or time.until > at or not _WEEKDAY.match(time.text):
        return time
    week = timedelta(days=7)
    return replace(time, begin=time.begin + week, until=time.until + week)


def _on_the_day_asked(heard: Heard, turn: Turn, time: Time) -> Time:
    """十点以后来吧 in answer to 后天上午您在吗 is on that day."""
    if time.begin is None or not _CLOCK_ONLY.match(time.text) or any(_DAY.search(t.text) for t in turn.times):
        return time
    days = [
        t.begin.date() for q in heard.before(turn)[-1:] for t in q.times if t.begin and _DAY.search(t.text)
    ]
    if not days:
        return time
    shift = days[-1] - time.begin.date()
    return replace(time, begin=time.begin + shift, until=None if time.until is None else time.until + shift)


def _unable_next(turn: Turn, clause: Clause) -> bool:
    """周六，我要加班: the reason follows the day in a clause without a time of its own."""
    position = turn.position_of(clause)
    following = turn.clauses[position + 1 : position + 2]
    return any(
        _UNABLE.search(c.text)
        and not any(c.start <= t.start < c.end for t in turn.times)
        and len(clause.text) <= 8
        for c in following
    )


def _unfit(turn: Turn, clause: Clause, earlier: Earlier) -> bool:
    if polarity.is_past(clause.text) and not turn.has("appointments.moved", "appointments.asked"):
        return True
    if _WITHIN.search(clause.text):
        return True
    if turn.supposed(clause) or turn.has("payments.money", "promises.delivery", within=clause):
        return True
    if any(m.kind == "competitor" and clause.holds(m.start) for m in turn.mentions):
        return True
    return claimed(earlier, turn.index, clause.start, clause.end, "payment_promise", "complaint")


def _about_meeting(heard: Heard, turn: Turn, clause: Clause) -> bool:
    position = turn.position_of(clause)
    near = turn.clauses[max(0, position - 1) : position + 2]
    if any(turn.has("appointments.meet", "appointments.asked", within=c) for c in near):
        return True
    if any(turn.has("appointments.moved", within=c) for c in near) and "到" in turn.text + "到":
        return True
    return (
        _answers_when(heard, turn) or _answers_offer(heard, turn) or _CONFIRMS.search(turn.text) is not None
    )


def _answers_when(heard: Heard, turn: Turn) -> bool:
    return any(t.has("appointments.when_asked") for t in heard.before(turn)[-2:])


def _answers_offer(heard: Heard, turn: Turn, *, back: int = 2) -> bool:
    """The other side has just proposed a time: this one confirms it or names another, which may be answered in turn."""
    return any(
        t.times
        and (
            t.has("appointments.meet", "appointments.asked", "appointments.moved")
            or (back > 1 and _answers_offer(heard, t, back=back - 1))
        )
        for t in heard.before(turn)[-2:]
    )


def _accepted(heard: Heard, offer: _Offer, agreed: Sequence[_Offer]) -> bool:
    answers = heard.after(offer.turn)
    if not answers:
        return any(a.time.begin == offer.time.begin for a in agreed) or not _asks(offer)
    text = " ".join(answer.text for answer in answers[:3])
    other = [t for answer in answers[:3] for t in answer.times if t.begin is not None]
    if any(t.begin == offer.time.begin for t in other) and not _renamed(heard, answers, offer):
        return True
    if _renamed(heard, answers, offer):
        return False
    if polarity.declines(text):
        return False
    if _asks(offer):
        return polarity.assents(answers[0].text) or not any(
            answers[0].asks(c) for c in answers[0].clauses[:1]
        )
    return True


def _renamed(heard: Heard, answers: Sequence[Turn], offer: _Offer) -> bool:
    """The answer ends on another time for the meeting."""
    for answer in answers[:3]:
        counter = _offer(heard, answer, Earlier())
        if counter is not None and counter.time.begin != offer.time.begin:
            refines = (
                not offer.has_clock
                and counter.has_clock
                and counter.time.begin is not None
                and offer.time.begin is not None
                and counter.time.begin.date() == offer.time.begin.date()
            )
            return refines or counter.moves
    return False


def _asks(offer: _Offer) -> bool:
    return offer.turn.asks(offer.turn.clauses[-1]) or offer.turn.has("appointments.asked")


def _settle(agreed: list[_Offer], offer: _Offer) -> list[_Offer]:
    """Add an agreed time: said again it changes nothing, moved it replaces the earlier one."""
    kept: list[_Offer] = []
    for old in agreed:
        if old.time.begin == offer.time.begin:
            if old.time.until is not None or offer.time.until is None:
                return agreed
            continue
        if old.has_clock and not offer.has_clock and _same_day(old, offer):
            return agreed
        finer = offer.has_clock and not old.has_clock and _same_day(old, offer)
        close = offer.turn.run - old.turn.run <= _SETTLED_RUNS
        if not (finer or (offer.moves and close) or offer.turn.has("appointments.moved")):
            kept.append(old)
    return [*kept, offer]


def _same_day(one: _Offer, other: _Offer) -> bool:
    return bool(one.time.begin and other.time.begin and one.time.begin.date() == other.time.begin.date())


def _place(heard: Heard, offer: _Offer) -> str | None:
    """Where: named with the time, or in the answer."""
    for turn in (offer.turn, *heard.after(offer.turn)[:2]):
        for start, end in _places(turn.text):
            place = _TO_A_PLACE.sub("", turn.segment.text[start:end])
            if not _NOT_A_PLACE.search(place) and not any(
                t.start < end and start < t.end for t in turn.times
            ):
                return place
    return None


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Every reading, overlapping ones too: 一点半你到工地 holds 到工地."""
    match = _PLACE.search(text)
    while match is not None:
        yield match.span("place")
        match = _PLACE.search(text, match.start() + 1)


APPOINTMENT = Extractor("appointment", 3, find, same_text)
