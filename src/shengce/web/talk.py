"""What the page of one conversation shows, gathered from the rooms in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shengce.facts.models import Fact
from shengce.facts.wording import describe
from shengce.inspection.models import Score
from shengce.inspection.queries import scores_of
from shengce.language.written import write_figures
from shengce.people.models import User
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation
from shengce.speech.transcript import Segment
from shengce.web.marks import Mark, marked
from shengce.web.templatetags.shengce import in_language


@dataclass(frozen=True, slots=True)
class Turn:
    """One segment with its marks, as the transcript shows it."""

    number: int
    segment: Segment
    html: SafeString

    @property
    def band(self) -> str:
        return "customer" if self.segment.role == "customer" else "rep"


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything on the page."""

    conversation: Conversation
    turns: list[Turn]
    speakers: list[tuple[str, str]]  # label, role
    facts: list[Fact]
    scores: list[Score]
    proposals: list[Proposal]


def talk_of(conversation: Conversation, *, by: User) -> Talk:
    """The page's content: 7 queries, however long the talk is."""
    facts = list(Fact.objects.filter(conversation=conversation))
    scores = scores_of(conversation)
    proposals = list(
        Proposal.objects.visible_to(by).filter(conversation=conversation).select_related("fact", "customer")
    )
    return Talk(conversation, *turns_of(conversation, facts, scores), facts, scores, proposals)


def turns_of(
    conversation: Conversation, facts: list[Fact], scores: list[Score]
) -> tuple[list[Turn], list[tuple[str, str]]]:
    """The transcript with marks, and who its speakers are."""
    transcript = getattr(conversation, "transcript", None)
    if transcript is None:
        return [], []
    marks = _marks(facts, scores)
    spoken = transcript.spoken
    turns = [
        Turn(number, segment, _in_figures(segment.text, marks.get(number, ())))
        for number, segment in enumerate(spoken.segments)
    ]
    speakers: dict[str, str] = {}
    for segment in spoken.segments:
        speakers.setdefault(segment.speaker, segment.role)
    return turns, sorted(speakers.items())


def _in_figures(said: str, marks: Iterable[Mark]) -> SafeString:
    """The words with spoken numbers as figures; a mark over a number stands over its figure and plays its sound."""
    written = write_figures(said)
    moved = []
    for mark in marks:
        start, end = written.written_span(mark.start, mark.end)
        moved.append(replace(mark, start=start, end=end))
    return marked(written.text, moved)


def _marks(facts: list[Fact], scores: list[Score]) -> dict[int, list[Mark]]:
    """Marks by turn: standing facts, and the fatal hits of the newest score. Other hits play from the score."""
    marks: dict[int, list[Mark]] = defaultdict(list)
    for fact in facts:
        if fact.state != Fact.State.REJECTED:
            words = describe(fact.kind, fact.value)
            kind = str(fact.get_kind_display())
            label = _("%(kind)s: %(words)s") % {"kind": kind, "words": words} if words else kind
            marks[fact.turn].append(Mark(fact.char_start, fact.char_end, label, fact.start_ms, fact.end_ms))
    for score in scores[:1]:
        for outcome in score.outcomes.all():
            if outcome.fatal and outcome.state == "not_met":
                for hit in outcome.hits:
                    marks[hit["turn"]].append(
                        Mark(
                            hit["start"],
                            hit["end"],
                            in_language(outcome.name),
                            hit["start_ms"],
                            hit["end_ms"],
                            fatal=True,
                        )
                    )
    return marks
