"""What a person typed, read: the kind of each sentence and its sum, day, names and reasons, by the extractors' own means.

Notes are written about people (客户答应下周五付20万) where talks are spoken by them; so the words that only tell who said it
are left out, and the extractors read the rest as the customer's words and as the seller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from shengce.language.amounts import Amount, find_amounts
from shengce.language.claim_tolerance import interval_of, is_title, range_of
from shengce.language.claim_values import ClaimKind, Interval, Owner, Stated
from shengce.language.extract import extract_facts
from shengce.language.folding import fold
from shengce.language.lexicon import Lexicon
from shengce.language.numerals import scan
from shengce.language.times import find_times
from shengce.language.values import Fact
from shengce.speech.transcript import Role, from_turns

MOST_CHARACTERS = 2000
"""Of one typed text that is read; what is longer is cut."""
_SIDES: tuple[Role, ...] = ("customer", "rep")
_SENTENCE = re.compile(r"[。！？!?；;\n\r]+")
_TELLS = re.compile(
    r"^(?:\d+[、.．)）]\s*)?(?:今[天日]|刚才|电话里?|微信)?[,，]?(?:客户|对方|甲方|买方|[一-鿿]{1,3}(?:总|经理|老板|主任|厂长|工))(?:那边|方面)?"
    r"(?:已经?|也|都|当场|口头|明确|再次)*(?:答应|承诺|表示|反馈|告知|说(?:是|了)?|称|提出|确认|同意)(?:了|过|我们?|我方|我司)*[,，:：]?"
)
_DOUBT = re.compile(r"[,，]")

_WORDS: tuple[tuple[ClaimKind, re.Pattern[str]], ...] = (
    (
        "reason_lost",
        re.compile(
            r"丢单|输单|失单|流失|丢了|输给|没成交|未成交|未中标|没中标|没签(?:下|成)|(?:没|未)成(?:单|的)?原因"
        ),
    ),
    ("budget", re.compile(r"预算|经费")),
    (
        "decider",
        re.compile(
            r"决策[人者]|决定权|拍板|说了算|做主|最终[由是].{0,10}(?:定|批|签)|(?:由|归).{1,10}(?:决定|审批|签字|定(?!金))"
        ),
    ),
    (
        "payment_promise",
        re.compile(
            r"付款|回款|打款|汇款|转账|结款|结清|付清|尾款|货款|余款|欠款|首付|定金|订金|预付|到账|还款|(?:支?付|打|转|汇|结|还)(?=[约\d一二两三四五六七八九十百千半])(?![\d.一二三四五六七八九]+折)|付(?![费])|款(?!式|型|待)"
        ),
    ),
    (
        "visit",
        re.compile(
            r"拜访|走访|登门|上门|面谈|见了|见到|见面|到访|(?:到|去|在|赴)[^,，]{0,10}(?:现场|厂里|店里|工地|公司|学校|医院|酒店)(?!打)"
        ),
    ),
    (
        "price",
        re.compile(
            r"报价|报了|报的|单价|价格|售价|成交价|到手价|底价|折|元[/／每]|[/／每一](?:台|套|吨|斤|箱|件|个|位|片|平|方|米|条|份|桶|袋|瓶)"
        ),
    ),
    (
        "appointment",
        re.compile(
            r"约(?!占|为|\d|合|等于|[一二两三四五六七八九十百千半几]+(?:[万千元天年周台套吨箱件桶成倍家]|个(?:多)?(?:月|星期|小时|半)))|预约|会面|碰头|演示|参观|考察"
        ),
    ),
    (
        "promise",
        re.compile(
            r"承诺(?!未|没|兑现|书)|答应|保证|负责|(?:会|(?<![想需])要|将|给)[^,，]{0,10}(?:发|送|寄|提供|安排|出|补|换|修|来)|(?:发|送|寄)[^,，]{0,6}(?:样品|报告|资料|合同|方案|报价单)"
        ),
    ),
    ("competitor", re.compile(r"竞品|竞争对手|友商|对手")),
)
_FUTURE_VISIT = re.compile(r"约|预约|计划|准备|打算|安排|再去|将")
_VISIT_WORDS = re.compile(r"拜访|走访|登门|上门|面谈")
_RIVAL = re.compile(r"竞品|竞争对手|友商|对手|他们家?|别家|人家|另一家|同行")
_OURS = re.compile(r"我方|我司|我们?|咱们?|本公司")
_DENIED: dict[ClaimKind, re.Pattern[str]] = {
    "payment_promise": re.compile(
        r"(?:不|没法|无法|没能|拒绝|不肯|不愿|不能|不会|暂不|暂缓|没(?:有)?(?:答应|承诺|同意))(?:按时|再|先|马上|在)?[^,，。]{0,6}?(?:付|打|汇|结|还|回|转)|付不了|付不出|"
        r"(?:未|没有?)(?:答应|承诺|同意|约定)[^,，]{0,10}(?:付|款|打|汇|结|还)"
    ),
    "visit": re.compile(
        r"(?:没有?|未)(?:能)?(?:去|拜访|走访|上门|见|登门|到|面谈)|没去成|没见着|取消(?:了)?拜访|拜访取消"
    ),
    "appointment": re.compile(r"(?:没有?|未|没能)(?:能)?(?:再)?(?:约|预约)|约不(?:上|到|了)|取消|不(?:愿|肯|想)(?:见|约)"),
    "promise": re.compile(
        r"(?:没有?|未|不|并未|从未|没敢|拒绝)(?:能)?(?:答应|承诺|保证|同意|负责|包)|(?:不|不会|没法|无法|不能)(?:免费|再)?(?:发|送|寄|提供|安排|出|补|换|修|来|包|装)"
    ),
    "competitor": re.compile(r"(?:没有?|无|未|不)(?:在)?(?:用|见|提到?|涉及|发现|接触)?(?:过|到)?(?:任何|其他|别的)?(?:竞品|竞争|对手|友商|同行|别家)|^无$|^没有$"),
    "budget": re.compile(r"(?:没有?|无|未|暂无)(?:定|做|批|给|明确|谈)?(?:预算|经费)|预算(?:还)?(?:没|未)"),
    "decider": re.compile(r"(?:不是|不归|不由|并非)[^,，]{1,10}(?:定|拍板|说了算|做主|决策|决定|审批)?|(?:做不了|不能做)主"),
    "reason_lost": re.compile(r"(?:不是|并非|不因|不在于|没有?嫌|没有?说|与|跟)[^,，]{0,6}(?:价|贵|质量|服务|竞品|时间)[^,，]{0,4}(?:无关|的?原因|高|问题|$)"),
}  # fmt: skip
_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("price", re.compile(r"价|贵|太高|便宜|预算(?:不够|不足|有限|超)|超预算|成本|降本")),
    ("quality", re.compile(r"质量|品质|性能|效果|不稳定|参数|达不到|不达标|技术")),
    ("service", re.compile(r"服务|售后|响应|维修|维护|网点")),
    (
        "timing",
        re.compile(r"时机|暂缓|推迟|延期|搁置|项目(?:停|取消|暂停|推)|明年|下半年|以后再|暂时不|工期"),
    ),
    ("authority", re.compile(r"领导|老板不|总部|上级|决策|拍板|审批|集团")),
    ("need", re.compile(r"没(?:有)?需求|无需求|不需要|用不上|没必要|够用")),
    (
        "competitor",
        re.compile(
            r"竞品|竞争对手|友商|同行|对手|输给|(?:选|用|签|买|换|定)了(?:别|其他|另)|原(?:来)?的?供应商|老供应商"
        ),
    ),
    ("other", re.compile(r"账期|付款方式|交期|起订量|资质|关系")),
)
_WHO = (
    re.compile(r"(?:决策人|决策者|拍板的?人?|说了算的|做主的)(?:是|为|[:：])\s*([^\s,，。；;（(]{1,12})"),
    re.compile(
        r"(?:最终|最后)?(?:由|归|得|要|需|是|听)?\s*([^\s,，。；;由归得要需是听不]{1,12}?)(?:来)?(?:拍板|说了算|做主|决定|审批|签字|批准|定(?:$|的))"
    ),
)
_LONGEST_NAME = 12
_SEPARATE = re.compile(r"(?:和|与|跟|、|/|及)")


def read_claims(
    text: str,
    *,
    at: datetime,
    lexicon: Lexicon,
    kind: ClaimKind | None = None,
) -> tuple[Stated, ...]:
    """What the sentences of a typed text state, in order; with ``kind`` the whole text is one statement of that kind.

    ``at`` is the aware moment of typing: 下周五 counts from it. Raises ``ValueError`` if it has no offset.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of typing needs an offset from UTC")
    text = text.strip()[:MOST_CHARACTERS]
    if not text:
        return ()
    if kind is not None:
        return (_read(text, kind, at, lexicon),)
    sentences = (piece.strip(" \t,，") for piece in _SENTENCE.split(text))
    return tuple(
        _read(piece, guess_kind(piece, at=at, lexicon=lexicon), at, lexicon)
        for sentence in sentences
        for piece in _statements(sentence)
        if piece
    )


def _statements(sentence: str) -> Iterator[str]:
    """The parts of a sentence that speak of different things: 报价3980，客户预算30万. Parts without a kind go with the one before."""
    held, kind = "", None
    for part in _DOUBT.split(sentence):
        found = next((name for name, words in _WORDS if words.search(part)), None)
        if held and found is not None and kind is not None and found != kind and _stands_alone(part):
            yield held
            held, kind = part, found
        else:
            held, kind = (f"{held}，{part}" if held else part), kind or found
    if held:
        yield held


def _stands_alone(part: str) -> bool:
    return len(part) >= 4


def guess_kind(text: str, *, at: datetime, lexicon: Lexicon) -> ClaimKind:
    """The kind of one typed statement: by its words, the more particular before the more general."""
    folded = fold(text)
    has_sum = _sum(text, "price", lexicon) is not None
    for kind, words in _WORDS:
        if not words.search(folded):
            continue
        if kind == "price" and not has_sum:
            continue
        if kind == "payment_promise" and re.search(r"付款方式|账期|回款率", folded) and not has_sum:
            continue
        if kind == "visit":
            return _visit_or_appointment(folded, at)
        return kind
    if any(mention.kind == "competitor" for mention in lexicon.find(text)):
        return "competitor"
    return "other"


def _visit_or_appointment(text: str, at: datetime) -> ClaimKind:
    """A visit lies behind the one who types; one that is still to come is an appointment."""
    when = _time(text, at)
    if when is not None and when[0] is not None and when[0] >= at + timedelta(hours=1):
        return "appointment"
    return "appointment" if _FUTURE_VISIT.search(text) and not _VISIT_WORDS.match(text) else "visit"


def _read(text: str, kind: ClaimKind, at: datetime, lexicon: Lexicon) -> Stated:
    told = _TELLS.sub("", text) or text
    stated = Stated(kind=kind, text=text, denied=_is_denied(text, kind))
    if kind in ("price", "payment_promise", "budget"):
        stated = _with_sum(stated, told, at, lexicon)
    if kind in ("promise", "payment_promise", "appointment", "visit"):
        stated = replace(stated, when=_heard_time(told, kind, at, lexicon) or _time(text, at))
    if kind == "price":
        stated = replace(stated, owner=_owner(text, lexicon), product=_product(text, lexicon))
    if kind in ("competitor", "reason_lost"):
        stated = replace(stated, names=_competitors(text, lexicon))
    if kind == "decider":
        stated = replace(stated, names=_deciders(told, at, lexicon))
    if kind == "reason_lost":
        stated = _with_reasons(stated, told, at, lexicon)
    return stated


def _is_denied(text: str, kind: ClaimKind) -> bool:
    words = _DENIED.get(kind)
    return words is not None and words.search(fold(text)) is not None


# --- parts


def _facts(text: str, at: datetime, lexicon: Lexicon) -> list[Fact]:
    """What the extractors find in the words, said by either side."""
    return [
        fact for role in _SIDES for fact in extract_facts(from_turns([(role, text)]), at=at, lexicon=lexicon)
    ]


def _with_sum(stated: Stated, told: str, at: datetime, lexicon: Lexicon) -> Stated:
    wanted = {"price": "price", "payment_promise": "payment_promise", "budget": "budget"}[stated.kind]
    pairs = [range_of(fact.value) for fact in _facts(told, at, lexicon) if fact.kind == wanted]
    found = [pair for pair in pairs if pair is not None]
    if found and stated.kind != "price":
        return replace(stated, low=found[-1][0], high=found[-1][1])
    amount = _sum(told, stated.kind, lexicon)
    if amount is not None:
        return replace(stated, low=amount.low, high=amount.high, unit=amount.unit)
    if found:
        return replace(stated, low=found[-1][0], high=found[-1][1])
    return stated


def _sum(text: str, kind: ClaimKind, lexicon: Lexicon) -> Amount | None:
    """The last sum of the text; names that hold figures and times are no sums. 从4200降到3980 means 3980."""
    blank = text
    for mention in lexicon.find(text):
        blank = blank[: mention.start] + "□" * (mention.end - mention.start) + blank[mention.end :]
    amounts = [a for a in find_amounts(blank) if a.unit == "yuan" or kind == "price"]
    money = [a for a in amounts if a.unit == "yuan"] or amounts
    if money:
        return money[-1]
    return _bare_sum(blank) if kind in ("price", "payment_promise", "budget") else None


_BEFORE_BARE = re.compile(
    r"(?:报价?了?|单价|价格?|售价|[付打汇转结还款]|预算|经费|[每一/]\w|为|是|[:：]|到|按)\s*约?$"
)
_AFTER_BARE = re.compile(r"\s*(?:$|[,，。/／(（]|左右|每|一[台套吨箱件个]|含|不含|包)")


def _bare_sum(text: str) -> Amount | None:
    """A number without a unit right after a word of money: 报价3980."""
    folded = fold(text)
    for numeral in reversed(list(scan(text))):
        if (
            numeral.low >= 10
            and _BEFORE_BARE.search(folded[: numeral.start])
            and _AFTER_BARE.match(folded, numeral.end)
        ):
            return Amount(
                text[numeral.start : numeral.end],
                numeral.start,
                numeral.end,
                numeral.low,
                numeral.high,
                "yuan",
            )
    return None


def _heard_time(told: str, kind: ClaimKind, at: datetime, lexicon: Lexicon) -> Interval | None:
    if kind == "visit":
        return None
    for fact in _facts(told, at, lexicon):
        if fact.kind == kind:
            value = fact.value if kind == "appointment" else fact.value.get("due")
            if when := interval_of(value):
                return when
    return None


def _time(text: str, at: datetime) -> Interval | None:
    times = find_times(text, at)
    return (times[-1].begin, times[-1].until) if times else None


def _owner(text: str, lexicon: Lexicon) -> Owner | None:
    if _competitors(text, lexicon) or _RIVAL.search(text):
        return None if _OURS.search(text) and not _competitors(text, lexicon) else "competitor"
    return "own"


def _product(text: str, lexicon: Lexicon) -> str | None:
    return next((m.name for m in lexicon.find(text) if m.kind == "product"), None)


def _competitors(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.name for m in lexicon.find(text) if m.kind == "competitor"))


def _deciders(text: str, at: datetime, lexicon: Lexicon) -> tuple[str, ...]:
    found = (
        []
        if is_title(text)
        else [f.value.get("who") for f in _facts(text, at, lexicon) if f.kind == "decision_maker"]
    )
    if not any(found) and not is_title(text):
        found = [match.group(1) for words in _WHO if (match := words.search(text))][:1]
    if not any(found) and len(text) <= _LONGEST_NAME and not _SENTENCE.search(text):
        found = [text]  # a field that holds nothing but the name
    names = [piece for who in found if who for piece in _SEPARATE.split(who)]
    return tuple(dict.fromkeys(name for name in names if name))


def _with_reasons(stated: Stated, told: str, at: datetime, lexicon: Lexicon) -> Stated:
    """The reasons that are meant; 不是价格，是服务 means service. Where all are denied, the denied ones."""
    parts = [part for part in _DOUBT.split(told) if part]
    meant = [part for part in parts if not _is_denied(part, "reason_lost")]
    reasons = _reasons("，".join(meant), at, lexicon)
    if reasons or not stated.denied:
        return replace(stated, reasons=reasons or (("competitor",) if stated.names else ()), denied=False)
    return replace(stated, reasons=_reasons(told, at, lexicon))


def _reasons(text: str, at: datetime, lexicon: Lexicon) -> tuple[str, ...]:
    by_words = [name for name, words in _REASONS if words.search(text)]
    heard = [f.value.get("reason") for f in _facts(text, at, lexicon) if f.kind == "objection"]
    reasons = tuple(dict.fromkeys([*(r for r in heard if r), *by_words]))
    return tuple(reason for reason in reasons if reason != "other") or reasons
