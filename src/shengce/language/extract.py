"""From a transcript to facts: every extractor in turn, over one reading of the talk.

The order matters where one number could prove two things: an extractor sees what the ones before it have found
and leaves their sums alone (a sum promised as payment is no price).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shengce.language.extractors.appointments import APPOINTMENT
from shengce.language.extractors.budget import BUDGET
from shengce.language.extractors.competitors import COMPETITOR
from shengce.language.extractors.complaints import COMPLAINT
from shengce.language.extractors.contacts import CONTACT
from shengce.language.extractors.decision import DECISION_MAKER
from shengce.language.extractors.diversion import DIVERSION
from shengce.language.extractors.extractor import Earlier, Extractor
from shengce.language.extractors.interest import PRODUCT_INTEREST
from shengce.language.extractors.needs import NEED
from shengce.language.extractors.next_steps import NEXT_STEP
from shengce.language.extractors.objections import OBJECTION
from shengce.language.extractors.payments import PAYMENT_PROMISE
from shengce.language.extractors.prices import PRICE
from shengce.language.extractors.promises import PROMISE
from shengce.language.heard import Heard
from shengce.language.learned.reconsider import reconsider
from shengce.language.lexicon import Lexicon
from shengce.language.roles import with_guessed_roles
from shengce.language.values import Fact
from shengce.speech.transcript import Transcript

EXTRACTORS: tuple[Extractor, ...] = (
    CONTACT,
    DIVERSION,
    PAYMENT_PROMISE,
    BUDGET,
    PRICE,
    COMPETITOR,
    COMPLAINT,
    OBJECTION,
    DECISION_MAKER,
    PRODUCT_INTEREST,
    APPOINTMENT,
    PROMISE,
    NEXT_STEP,
    NEED,
)


def extract_facts(transcript: Transcript, *, at: datetime, lexicon: Lexicon) -> list[Fact]:
    """The facts of a talk in the order in which they were said.

    ``at`` is the aware moment at which the talk began: spoken times count from it. Where no speaker has a role the
    roles are guessed first; a speaker whose role stays unknown proves only facts that either side may state.
    Raises ``ValueError`` if ``at`` has no offset.
    """
    heard = hear(transcript, at=at, lexicon=lexicon)
    facts = reconsider(heard, found_by_rules(heard))
    return sorted(facts, key=lambda fact: (fact.passage.turn, fact.passage.start))


def hear(transcript: Transcript, *, at: datetime, lexicon: Lexicon) -> Heard:
    """The talk as extractors see it."""
    if at.tzinfo is None:
        raise ValueError("the moment of the talk needs an offset from UTC")
    return Heard.of(with_guessed_roles(transcript), at=at, lexicon=lexicon)


def found_by_rules(heard: Heard) -> list[Fact]:
    """What the extractors find, before the second reader looks at it."""
    facts: list[Fact] = []
    earlier = Earlier()
    for extractor in EXTRACTORS:
        found = [replace(fact, extractor=extractor.name) for fact in extractor.find(heard, earlier)]
        earlier.add(found)
        facts += found
    return facts
