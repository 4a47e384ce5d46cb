"""Full-text search over all talks: exact substrings, newest first, each hit with the seconds to play.

The index holds, for each talk, every character and every pair of neighbouring characters that somebody said, behind
the letter of the speaker's side (``c价格`` for 价格 said by the customer), and words for rep, unit and customer. A word
of the query becomes the pairs that it is made of; what the index proposes is then checked against the words
themselves, so the answer equals a search for substrings, in half-width lower case. One-character words need no path
of their own, because single characters are indexed too. A document's key is its talk's time and number, so both
databases give the newest without sorting. Nothing here is written into SQL as text: all are parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from shengce.customers.models import Customer
from shengce.facts.models import SearchDocument
from shengce.language.pinyin import fold
from shengce.people.models import Role, User
from shengce.people.scope import SEES_ALL, subtree_ids
from shengce.recordings.models import Conversation
from shengce.speech.transcript import Transcript

MAX_QUERY = 200
MAX_WORDS = 10
MAX_LIMIT = 100
MOST_SCANNED = 5_000
"""Candidates looked at for one page; a page that is short for this reason still has a cursor to go on from."""
PASSAGES = 5
"""Passages shown of one talk; all are counted."""

_SIDES = {"rep": "r", "customer": "c"}
_OTHERS = "o"
_ALL_SIDES = "rco"
_ID_BITS = 31
_MOST_SECONDS = 2**32 - 1
# The tokenizer of FTS5 would cut at ASCII punctuation; these stand in for it. ``fold`` keeps them out of any text.
_STAND_INS = {code: 0xF700 + code for code in range(128) if not chr(code).isalnum()}
_QUOTED_OR_BARE = re.compile(r'["“”«»]([^"“”«»]*)["“”«»]|([^\s"“”«»]+)')


@dataclass(frozen=True, slots=True)
class Passage:
    """One segment with marked words: ``marks`` are half-open character ranges of ``text``; times of the first mark."""

    turn: int
    role: str
    text: str
    marks: tuple[tuple[int, int], ...]
    start_ms: int
    end_ms: int

    @property
    def pieces(self) -> Iterator[tuple[str, bool]]:
        """``(text, marked)`` in order, for templates that escape each piece."""
        position = 0
        for start, end in self.marks:
            if start > position:
                yield self.text[position:start], False
            yield self.text[start:end], True
            position = end
        if position < len(self.text):
            yield self.text[position:], False


@dataclass(frozen=True, slots=True)
class Result:
    """A talk that holds every word of the query, and where."""

    conversation: Conversation
    passages: tuple[Passage, ...]
    passage_count: int


@dataclass(frozen=True, slots=True)
class Page:
    """Results, newest first. ``cursor`` continues behind the last one; ``None`` where there is no more."""

    results: tuple[Result, ...]
    cursor: int | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """A question to the index: its expression, the words to check, and the keys to look between."""

    expression: str
    words: tuple[str, ...]
    first_key: int
    end_key: int


def search(
    user: User,
    query: str,
    *,
    speaker: str | None = None,
    rep: User | None = None,
    customer: Customer | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 20,
    cursor: int | None = None,
) -> Page:
    """Talks in the user's scope that hold every word of ``query``; "…" keeps words together as a phrase.

    ``speaker`` "rep" or "customer" asks for words said by that side; ``start`` and ``end`` bound the talk's moment,
    half-open. An empty or useless query finds nothing.
    """
    words = query_words(query)
    if not words:
        return Page((), None, ())
    limit = max(1, min(limit, MAX_LIMIT))
    sides = _SIDES.get(speaker, _ALL_SIDES) if speaker else _ALL_SIDES
    narrowed = _narrowed(user, rep, customer)
    if narrowed is None:
        return Page((), None, words)
    talks = Conversation.objects.visible_to(user)
    if rep is not None:
        talks = talks.filter(rep=rep)
    if customer is not None:
        talks = talks.filter(customer=customer)
    if start is not None:
        talks = talks.filter(started_at__gte=start)
    if end is not None:
        talks = talks.filter(started_at__lt=end)
    asked = _Candidates(
        _expression(words, sides, narrowed),
        words,
        _key(start, 0) if start else 0,
        min(cursor or 2**63 - 1, _key(end, 2**_ID_BITS - 1) + 1 if end else 2**63 - 1),
    )
    return _collect(talks.select_related("rep", "customer", "transcript"), asked, sides, limit)


def query_words(query: str) -> tuple[str, ...]:
    """The words and quoted phrases of a query, folded; too many or too long ones are cut off."""
    found = (quoted or bare for quoted, bare in _QUOTED_OR_BARE.findall(query[:MAX_QUERY]))
    return tuple(dict.fromkeys(word for word in (folded(f).strip() for f in found) if word))[:MAX_WORDS]


def folded(text: str) -> str:
    """Lower case and half width, of the same length; line ends become spaces, since a line is a segment."""
    return fold(text).replace("\n", " ").replace("\r", " ").replace("\x00", "\ufffd")


@transaction.atomic
def index_conversation(conversation: Conversation, transcript: Transcript) -> None:
    """Put a talk into the index in place of what stood there. Call it again when words, rep or customer change."""
    remove(conversation)
    document = document_of(conversation, ((s.role, s.text) for s in transcript.segments))
    document.save(force_insert=True)
    with connection.cursor() as database:
        database.execute(insert_statement(), index_row(document))


@transaction.atomic
def remove(conversation: Conversation) -> None:
    """Take a talk out of the index; call it before a talk is deleted."""
    document = SearchDocument.objects.filter(conversation=conversation).first()
    if document is None:
        return
    with connection.cursor() as database:
        if connection.vendor == "postgresql":
            database.execute("DELETE FROM facts_searchindex WHERE key = %s", [document.key])
        else:
            # A contentless table must be told what it held.
            database.execute(
                "INSERT INTO facts_searchindex (facts_searchindex, rowid, words) VALUES ('delete', %s, %s)",
                index_row(document),
            )
    document.delete()


@transaction.atomic
def clear() -> None:
    """Empty the index and its documents."""
    SearchDocument.objects.all().delete()
    with connection.cursor() as database:
        if connection.vendor == "postgresql":
            database.execute("TRUNCATE facts_searchindex")
        else:
            database.execute("INSERT INTO facts_searchindex (facts_searchindex) VALUES ('delete-all')")


def document_of(conversation: Conversation, lines: Iterable[tuple[str, str]]) -> SearchDocument:
    """The unsaved document of a talk with these ``(role, text)`` lines."""
    return SearchDocument(
        conversation=conversation,
        key=_key(conversation.started_at, conversation.pk),
        text="\n".join(_SIDES.get(role, _OTHERS) + folded(text) for role, text in lines),
        owners=_owner_words(conversation),
        indexed_at=timezone.now(),
    )


def _owner_words(conversation: Conversation) -> str:
    """Index words for whose talk it is. No side's letter is ``z``, so they never meet what was said."""
    ids = (("zr", conversation.rep_id), ("zu", conversation.unit_id), ("zk", conversation.customer_id))
    return " ".join(f"{prefix}{pk}" for prefix, pk in ids if pk is not None)


def index_row(document: SearchDocument) -> list[Any]:
    """Parameters of :func:`insert_statement`: the key and the index words of a document."""
    words = _index_words(document.text)
    words.update(document.owners.split())
    return [document.key, list(words) if connection.vendor == "postgresql" else " ".join(sorted(words))]


def insert_statement() -> str:
    if connection.vendor == "postgresql":
        return "INSERT INTO facts_searchindex (key, words) VALUES (%s, array_to_tsvector(%s))"
    return "INSERT INTO facts_searchindex (rowid, words) VALUES (%s, %s)"


def _index_words(text: str) -> set[str]:
    by_side: dict[str, set[str]] = {}
    for line in text.translate(_STAND_INS | {10: 10}).split("\n"):
        said = line[1:]
        found = by_side.setdefault(line[:1], set())
        found.update(said)
        found.update(map(add, said, said[1:]))
    return {side + piece for side, pieces in by_side.items() for piece in pieces}


def _key(moment: datetime, number: int) -> int:
    seconds = max(0, min(int(moment.timestamp()), _MOST_SECONDS))
    return (seconds << _ID_BITS) | number


def _narrowed(user: User, rep: User | None, customer: Customer | None) -> list[list[str]] | None:
    """Groups of owner words of which each must have one: makes small scopes fast; the scope itself is checked on rows.

    ``None`` where the user can see nothing.
    """
    groups: list[list[str]] = []
    if user.role == Role.MANAGER:
        groups.append([f"zr{user.pk}", *(f"zu{pk}" for pk in subtree_ids(user.unit))])
    elif user.role == Role.REP:
        groups.append([f"zr{user.pk}"])
    elif user.role not in SEES_ALL:
        return None
    if rep is not None:
        groups.append([f"zr{rep.pk}"])
    if customer is not None:
        groups.append([f"zk{customer.pk}"])
    return groups


def _expression(words: Sequence[str], sides: str, narrowed: Sequence[Sequence[str]]) -> str:
    """The query in the index's own language. The parts hold no ASCII but letters and figures, so quoting is safe."""
    postgresql = connection.vendor == "postgresql"
    quote, both, either = ("'", " & ", " | ") if postgresql else ('"', " AND ", " OR ")

    def group(parts: Iterable[str], joint: str) -> str:
        return "(" + joint.join(parts) + ")"

    groups = []
    for word in words:
        plain = word.translate(_STAND_INS)
        pieces = [plain[i : i + 2] for i in range(len(plain) - 1)] or [plain]
        spoken = (
            group((f"{quote}{side}{piece}{quote}" for piece in dict.fromkeys(pieces)), both) for side in sides
        )
        groups.append(group(spoken, either))
    groups += [group((f"{quote}{owner}{quote}" for owner in owners), either) for owners in narrowed]
    return both.join(groups)


def _collect(talks: Any, asked: _Candidates, sides: str, limit: int) -> Page:
    """Go through the candidates, newest first, until the page is full."""
    results: list[Result] = []
    size, scanned, end_key = limit + 1, 0, asked.end_key
    while scanned < MOST_SCANNED:
        candidates = _candidates(asked, end_key, size)
        rows = talks.in_bulk([pk for _key_, pk in candidates])
        for key, pk in candidates:
            if len(results) == limit:
                return Page(tuple(results), end_key, asked.words)
            end_key = key
            result = _result(rows[pk], asked.words, sides) if pk in rows else None
            if result is not None:
                results.append(result)
        if len(candidates) < size:
            return Page(tuple(results), None, asked.words)
        scanned += size
        size = min(size * 4, 500)
    return Page(tuple(results), end_key, asked.words)


def _candidates(asked: _Candidates, end_key: int, size: int) -> list[tuple[int, int]]:
    """``(key, conversation id)``, newest first."""
    long_words = [word for word in asked.words if len(word) > 2]
    if connection.vendor == "postgresql":
        index_key, matches, contains = "key", "words @@ %s::tsquery", "strpos(d.text, %s) > 0"
    else:
        index_key, matches, contains = "rowid", "facts_searchindex MATCH %s", "instr(d.text, %s) > 0"
    statement = (
        f"SELECT d.key, d.conversation_id FROM facts_searchindex CROSS JOIN facts_searchdocument d"
        f" WHERE {matches} AND facts_searchindex.{index_key} >= %s AND facts_searchindex.{index_key} < %s"
        f" AND d.key = facts_searchindex.{index_key}"
        + "".join(f" AND {contains}" for _word in long_words)
        + f" ORDER BY facts_searchindex.{index_key} DESC LIMIT %s"
    )
    with connection.cursor() as database:
        database.execute(statement, [asked.expression, asked.first_key, end_key, *long_words, size])
        return list(database.fetchall())


def _result(conversation: Conversation, words: Sequence[str], sides: str) -> Result | None:
    """The passages of one talk, or ``None`` where a word is not there after all (said by another side, or changed)."""
    transcript = getattr(conversation, "transcript", None)
    if transcript is None:
        return None
    segments = transcript.data["segments"]
    found: dict[int, list[tuple[int, int]]] = {}
    missing = set(words)
    for turn, (_speaker, role, _start, _end, text, _words) in enumerate(segments):
        if _SIDES.get(role, _OTHERS) not in sides:
            continue
        plain = folded(text)
        for word in words:
            if word in plain:
                missing.discard(word)
                found.setdefault(turn, []).extend(_places(plain, word))
    if missing:
        return None
    shown = list(found)[:PASSAGES]
    parts = Transcript.from_json({**transcript.data, "segments": [segments[turn] for turn in shown]})
    passages = []
    for turn, segment in zip(shown, parts.segments, strict=True):
        marks = _merged(found[turn])
        passages.append(Passage(turn, segment.role, segment.text, marks, *segment.span_ms(*marks[0])))
    return Result(conversation, tuple(passages), len(found))


def _places(text: str, word: str) -> list[tuple[int, int]]:
    places, position = [], text.find(word)
    while position >= 0:
        places.append((position, position + len(word)))
        position = text.find(word, position + 1)
    return places


def _merged(places: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Overlapping and touching places as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
