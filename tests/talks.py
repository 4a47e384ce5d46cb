"""Talks with everything that hangs on them, made without the recogniser: plain functions for tests of any room."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from shengce.facts import search
from shengce.facts.models import Fact
from shengce.inspection.models import Alert, Outcome, Score, ScoreCard, ScoreCardVersion
from shengce.language.measures import measure
from shengce.people.models import User
from shengce.proposals.actions import propose
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation, Recording, Transcript
from shengce.speech.transcript import from_turns

TURNS = (
    ("rep", "您好刘经理，我是澄源净水的林晓。"),
    ("customer", "你们价格太贵了，蓝泉才四千五。"),
    ("rep", "我保证三年不坏，明天把方案发给您。"),
    ("customer", "那下周五先打二十万。"),
)
EXTRACTOR = "test/1"
CARD = {
    "id": "test",
    "name": {"zh": "测试评分表", "en": "Test card"},
    "sections": [{"id": "all", "name": {"zh": "全部", "en": "All"}}],
    "criteria": [
        {
            "id": "greeting",
            "name": {"zh": "问候", "en": "Greeting"},
            "section": "all",
            "points": 10,
            "when": {"said": {"phrases": ["您好"], "by": "rep"}},
        },
        {
            "id": "over",
            "name": {"zh": "过度承诺", "en": "Over-promise"},
            "section": "all",
            "points": 0,
            "fatal": True,
            "when": {"not_said": {"phrases": ["终身保修"], "by": "rep"}},
        },
    ],
}

_numbers = itertools.count(1)


def make_talk(
    rep: User | None,
    *,
    customer: Any = None,
    turns: tuple[tuple[Any, str], ...] = TURNS,
    at: dt.datetime | None = None,
    indexed: bool = True,
) -> Conversation:
    """A finished recording with one conversation, its transcript, measures and search document; no facts yet."""
    spoken = from_turns(turns)
    at = at or timezone.now()
    number = next(_numbers)
    unit = rep.unit if rep else None
    recording = Recording.objects.create(
        sha256=f"{number:064x}",
        name=f"call-{number}.wav",
        size=1000,
        file=f"audio/{number}.wav",
        rep=rep,
        unit=unit,
        customer=customer,
        started_at=at,
        duration_ms=spoken.duration_ms,
        status=Recording.Status.DONE,
    )
    conversation = Conversation.objects.create(
        recording=recording,
        end_ms=spoken.duration_ms,
        started_at=at,
        rep=rep,
        unit=unit,
        customer=customer,
        measures=measure(spoken).to_json(),
        summary={"lines": [_line(turns, 1)], "next_steps": [], "stage": "negotiation", "grounds": []},
        sales_stage="negotiation",
    )
    Transcript.objects.create(conversation=conversation, data=spoken.to_json(), engine="test")
    if indexed:
        search.index_conversation(conversation, spoken)
    return conversation


def _line(turns: tuple[tuple[Any, str], ...], turn: int) -> dict[str, Any]:
    turn = min(turn, len(turns) - 1)
    role, text = turns[turn]
    return {"text": text, "turn": turn, "role": role, "start_ms": 0, "end_ms": 1000}


def make_fact(
    conversation: Conversation, kind: str, value: dict[str, Any], quote: str, *, extractor: str = EXTRACTOR
) -> Fact:
    """A fact whose quote must stand in the talk's transcript; its place and times are taken from there."""
    for turn, segment in enumerate(conversation.transcript.spoken.segments):
        start = segment.text.find(quote)
        if start < 0:
            continue
        start_ms, end_ms = segment.span_ms(start, start + len(quote))
        return Fact.objects.create(
            conversation=conversation,
            kind=kind,
            value=value,
            quote=quote,
            role=segment.role,
            turn=turn,
            char_start=start,
            char_end=start + len(quote),
            start_ms=start_ms,
            end_ms=end_ms,
            confidence=0.9,
            extractor=extractor,
        )
    raise AssertionError(f"nobody said {quote!r}")


def make_facts(conversation: Conversation) -> list[Fact]:
    """The facts of :data:`TURNS`: an objection, a rival's price, a promise, a payment promise."""
    start = timezone.localtime(conversation.started_at).replace(hour=0, minute=0, second=0, microsecond=0)
    friday = start + dt.timedelta(days=7)
    day = {"start": friday.isoformat(), "end": (friday + dt.timedelta(days=1)).isoformat()}
    price = {"min": "4500", "max": "4500", "product": "蓝泉", "of": "competitor"}
    payment = {"min": "200000", "max": "200000", "due": day}
    return [
        make_fact(conversation, "objection", {"reason": "price"}, "价格太贵了"),
        make_fact(conversation, "price", price, "蓝泉才四千五"),
        make_fact(conversation, "promise", {"text": "把方案发给您", "due": None}, "明天把方案发给您"),
        make_fact(conversation, "payment_promise", payment, "下周五先打二十万"),
    ]


def make_proposals(conversation: Conversation) -> list[Proposal]:
    """The open proposals that the stored facts suggest, by the real rules."""
    propose(conversation)
    return list(Proposal.objects.filter(conversation=conversation).order_by("pk"))


def make_score(conversation: Conversation, *, score: str = "80", fatal: bool = False) -> Score:
    """A score with one met and one fatal criterion; the card is made once."""
    card, _made = ScoreCard.objects.get_or_create(name="测试评分表")
    version, _made = ScoreCardVersion.objects.get_or_create(
        card=card, number=1, defaults={"data": CARD, "published_at": timezone.now()}
    )
    made = Score.objects.create(conversation=conversation, version=version, score=Decimal(score), fatal=fatal)
    hit = {
        "turn": 2,
        "start": 0,
        "end": 6,
        "quote": "我保证三年不坏",
        "role": "rep",
        "start_ms": 6000,
        "end_ms": 7000,
    }
    for position, (criterion, name, is_fatal) in enumerate(
        (
            ("greeting", {"zh": "问候", "en": "Greeting"}, False),
            ("over", {"zh": "过度承诺", "en": "Over-promise"}, True),
        )
    ):
        failed = is_fatal and fatal
        Outcome.objects.create(
            score=made,
            criterion=criterion,
            name=name,
            state="not_met" if failed else "met",
            points=0 if failed else 10,
            max_points=10,
            fatal=is_fatal,
            hits=[hit] if failed else [],
            position=position,
        )
    return made


def make_alert(conversation: Conversation, *, key: str = "over") -> Alert:
    """A fatal hit that nobody has heard yet."""
    return Alert.objects.create(
        conversation=conversation,
        kind=Alert.Kind.FATAL,
        key=key,
        title={"zh": "过度承诺", "en": "Over-promise"},
        quote="我保证三年不坏",
        start_ms=6000,
        end_ms=7000,
    )


def make_full_talk(rep: User, *, customer: Any = None, at: dt.datetime | None = None) -> Conversation:
    """A talk with facts, proposals, a fatal score and an alert."""
    conversation = make_talk(rep, customer=customer, at=at)
    make_facts(conversation)
    make_proposals(conversation)
    make_score(conversation, fatal=True)
    make_alert(conversation)
    return conversation
