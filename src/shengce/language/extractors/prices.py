"""Prices spoken: our own and the competitors'. Differences (便宜三百), deposits and debts are no prices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_fields
from shengce.language.extractors.sums import Sum, numbers_in, sums_in
from shengce.language.heard import Heard, Turn
from shengce.language.numerals import plain
from shengce.language.values import Fact

_REACH = 12
_ONLY_NUMBER = re.compile(
    r"(?:是|就|的话|也|要)?[零一二两三四五六七八九十百千万半点\d.]{1,6}[块元]?[零一二两三四五六七八九\d]?"
)
_FIRM_ASKS = re.compile(
    r"^(?:那|但是?|可是|不过|而且|人家|我?[^,。你您我]{0,5}说)?(?P<firm>[\u4e00-\u9fffa-z]{2,5}?)(?P<side>那边|那里|他们家?|公司)?"
    r"(?:昨天|上周|刚刚?|前两天)?(?:给我们?)?(?:(?:的)?(?:同款|那款|同样的))?(?:一[台套件个箱吨斤平年次])?(?:也|都)?"
    r"(?P<verb>报(?:价|的|给)?(?:我们?)?(?:是|才|的)?|只要|只卖|才(?:卖|要|报)?|卖)(?:一[台套件个箱吨斤平年次])?(?=[一二两三四五六七八九十百千万\d])"
)
_ASKS = re.compile(r"[报才卖]|只要")
_NO_FIRM = re.compile(
    r"[你我您他她它这那哪谁没不]|预算|经费|工资|成本|价|利润|共|合计|年|月|天|次|以前|原来|当时|现在|最|市场|客|学生|员工|领导|老板|[总小老]|经理|业务|定金|费|租|平均|"
    r"起来|下来|[一二两三四五六七八九十百千万\d]|[版款型配色号的就是也都说个件台套箱]|生意|手头|账|钱"
)
_CARRIED = 4
"""Turns for which a product stays the subject without being named again."""
_YOUR_SUM = re.compile(r"你们?(?:家|这)?的?(?:批|卖|报|要|收|是|给我们?)?(?:了)?[一二两三四五六七八九十\d]")
_QUOTED = re.compile(r"(?:总?造价|总价|单价|标价|报的价)[^,。]{0,3}$")


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    said: set[tuple[object, ...]] = set()
    for turn in heard.turns:
        if turn.role == "unknown" or (not turn.numerals and not turn.amounts):
            continue
        asked = _asked(heard, turn)
        for clause in turn.clauses:
            for total, of in _in_clause(heard, turn, clause, earlier, asked=asked):
                key = (total.low, total.high)
                if key in said:
                    continue
                said.add(key)
                value = {
                    "min": None if total.low is None else plain(total.low),
                    "max": None if total.high is None else plain(total.high),
                    "product": _product(heard, turn, total) if of == "own" else None,
                    "of": of,
                }
                end = max(clause.end, total.end)
                yield heard.fact("price", value, turn, clause.start, end, confidence=0.85)


def _in_clause(
    heard: Heard, turn: Turn, clause: Clause, earlier: Earlier, *, asked: bool
) -> Iterator[tuple[Sum, str]]:
    if turn.supposed(clause) and turn.role != "rep":
        return
    priced = asked or turn.has("prices.price", within=clause) or _listed(turn, clause)
    priced = priced or ("你" in clause.text and _YOUR_SUM.search(clause.text) is not None)
    rival = _of_rival(heard, turn, clause)
    if turn.role == "customer" and rival is None and not _of_ours(turn, clause):
        return
    if turn.role != "customer" and turn.asks(clause) and not _offers(clause):
        return
    if turn.has("prices.rejected", within=clause):
        return
    sums = numbers_in(turn, clause) if priced or rival else sums_in(turn, clause)
    for total in sums:
        if claimed(earlier, turn.index, total.start, total.end, "payment_promise", "diversion", "budget"):
            continue
        if (
            _is_promised(total, earlier)
            or _is_difference(turn, clause, total)
            or _is_other(turn, clause, total, past=rival is None)
        ):
            continue
        if priced or rival or turn.mentions or _bare(turn, clause, total):
            yield total, rival or "own"


def _asked(heard: Heard, turn: Turn) -> bool:
    return any(
        question.has("prices.asked") for question in heard.before(turn)[-2:] if question.role != turn.role
    )


def _of_rival(heard: Heard, turn: Turn, clause: Clause) -> str | None:
    """``competitor`` if the clause is about a named rival: by name, or by 他们 after the name."""
    here = [m for m in turn.mentions if clause.holds(m.start)]
    if here:
        return "competitor" if here[-1].kind == "competitor" else None
    if turn.has("prices.ours", within=clause):
        return None
    earlier_in_turn = [m for m in turn.mentions if m.start < clause.start]
    if earlier_in_turn:
        named = earlier_in_turn[-1].kind == "competitor"
        return "competitor" if named and _continues(turn, clause) else None
    if _answers_about_rival(heard, turn, clause) or _of_unknown_firm(turn, clause):
        return "competitor"
    if turn.has("prices.rival", within=clause):
        recent = [
            m
            for t in (*heard.before(turn), *heard.just_said(turn))
            if t.index <= turn.index
            for m in t.mentions
        ]
        return "competitor" if recent and recent[-1].kind == "competitor" else None
    return None


def _of_unknown_firm(turn: Turn, clause: Clause) -> bool:
    """鑫源只要三千九: a firm that the lexicon does not know is the subject of the price."""
    match = _FIRM_ASKS.match(clause.text) if _ASKS.search(clause.text) else None
    if match is None or _NO_FIRM.search(match["firm"]):
        return False
    return turn.role == "customer" or match["side"] is not None or match["verb"].startswith("报")


def _answers_about_rival(heard: Heard, turn: Turn, clause: Clause) -> bool:
    """The other side has just asked about a rival, and the answer names a price without another subject."""
    for question in heard.before(turn)[-1:]:
        if not question.mentions or question.mentions[-1].kind != "competitor" or not question.clauses:
            continue
        priced = question.has("prices.asked") or turn.has("prices.price", within=clause)
        return question.asks(question.clauses[-1]) and priced
    return False


def _continues(turn: Turn, clause: Clause) -> bool:
    """Whether a rival named earlier in the turn is still the subject."""
    if turn.role == "customer":
        return True
    return turn.has("prices.rival", within=clause)


def _of_ours(turn: Turn, clause: Clause) -> bool:
    """The customer repeats our price: 你们一个账号一千二, 报价单上写的是七千二; or tells ours in the market."""
    position = turn.position_of(clause)
    near = turn.clauses[max(0, position - 1) : position + 1]
    if any(turn.has("prices.ours", within=c) for c in near):
        return turn.has("prices.price", within=clause) or _YOUR_SUM.search(clause.text) is not None
    if "价" in clause.text and any(
        _QUOTED.search(turn.text[clause.start : s.start]) for s in sums_in(turn, clause)
    ):
        return True
    named = any(m.kind == "product" and clause.holds(m.start) for m in turn.mentions)
    return named and any(word in clause.text for word in ("卖", "报", "标价", "写的"))


def _offers(clause: Clause) -> bool:
    """三万您看能接受吗 names a price although it asks."""
    return any(word in clause.text for word in ("您看", "接受", "行吗", "可以吗", "怎么样", "好吗"))


def _is_difference(turn: Turn, clause: Clause, total: Sum) -> bool:
    """便宜七百, 贵了三千, 优惠两百, 四千九贵吗 is none."""
    before = [
        c for c in turn.labelled("prices.difference") if clause.start <= c.start and c.end <= total.start
    ]
    return bool(before) and turn.text[before[-1].end : total.start].strip("了个您你就差不多约大概有的") == ""


def _is_other(turn: Turn, clause: Clause, total: Sum, *, past: bool) -> bool:
    """The sum is a deposit, a debt, a budget, a wage … or (``past``) one of long ago: such a word stands beside it."""
    window_start, window_end = max(clause.start, total.start - _REACH), min(clause.end, total.end + 6)
    return any(
        window_start <= cue.start < window_end
        for cue in turn.labelled("prices.not_price", *(["prices.past"] if past else []))
    )


def _is_promised(total: Sum, earlier: Earlier) -> bool:
    """The rep repeats what the customer has promised to pay."""
    high = None if total.high is None else plain(total.high)
    return high is not None and any(f.value["max"] == high for f in earlier.of_kind("payment_promise"))


def _listed(turn: Turn, clause: Clause) -> bool:
    """大板一百六十八，防滑砖五十五; 给您降五十，四百三: the rep says no more than a name and a number."""
    if turn.role != "rep" or turn.asks(clause):
        return False
    names = [
        m
        for m in turn.mentions
        if m.kind == "product"
        and clause.holds(m.start)
        and turn.text[clause.start : m.start] in ("", "我们", "我们的", "我们家", "我们这款")
    ]
    rest = turn.text[names[0].end if names else clause.start : clause.end]
    position = turn.position_of(clause)
    follows = position > 0 and turn.has(
        "prices.price", "prices.difference", within=turn.clauses[position - 1]
    )
    return bool((names or follows) and _ONLY_NUMBER.fullmatch(rest))


def _bare(turn: Turn, clause: Clause, total: Sum) -> bool:
    """我们六十五万: the rep says little but the sum."""
    rest = (turn.text[clause.start : total.start] + turn.text[total.end : clause.end]).strip()
    return turn.role == "rep" and len(rest) <= 4 and not turn.asks(clause)


def _product(heard: Heard, turn: Turn, total: Sum) -> str | None:
    """The product named before the sum in this turn, else after it, else the only one just asked about."""
    here = [m for m in turn.mentions if m.kind == "product"]
    before = [m for m in here if m.start < total.start]
    if before or here:
        return (before[-1:] or here[:1])[0].name
    asked = {name for t in heard.before(turn) for name in _subjects(t)}
    if asked:
        return asked.pop() if len(asked) == 1 else None
    return _spoken_of(heard, turn)


def _spoken_of(heard: Heard, turn: Turn) -> str | None:
    """The product that the talk was about last, if the latest turn to name any named one only."""
    for other in reversed(heard.turns[max(0, turn.index - _CARRIED) : turn.index]):
        names = _subjects(other)
        if names:
            return names.pop() if len(names) == 1 else None
    return None


def _subjects(turn: Turn) -> set[str]:
    """The products that a turn is about; those that it only compares with (比电锤轻) left out."""
    return {m.name for m in turn.mentions if m.kind == "product" and turn.text[m.start - 1 : m.start] != "比"}


PRICE = Extractor("price", 2, find, same_fields)
