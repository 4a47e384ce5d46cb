"""Search equals a search for substrings, in scope, on both databases, whatever is typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.facts import search
from shengce.recordings.models import Conversation, Recording, Transcript
from shengce.speech.transcript import Segment, Word, from_turns
from shengce.speech.transcript import Transcript as SpokenTranscript

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 18, 6, 0, tzinfo=UTC)
_made = iter(range(10**9))


def add(rep, *turns, at=AT, customer=None, index=True):
    """A talk of ``(role, text)`` turns, indexed."""
    sha = f"{next(_made):064d}"
    recording = Recording.objects.create(sha256=sha, name="x.mp3", size=1, file="x", rep=rep)
    talk = Conversation.objects.create(
        recording=recording,
        end_ms=60_000,
        started_at=at,
        rep=rep,
        unit=rep.unit if rep else None,
        customer=customer,
    )
    spoken = from_turns(turns)
    Transcript.objects.create(conversation=talk, data=spoken.to_json(), engine="text")
    if index:
        search.index_conversation(talk, spoken)
    return talk


def ids(page):
    return [result.conversation.pk for result in page.results]


def everything(user, query, **options):
    """All results through the cursor, page by page."""
    pages, cursor = [], None
    while True:
        page = search.search(user, query, cursor=cursor, limit=3, **options)
        pages += ids(page)
        cursor = page.cursor
        if cursor is None:
            return pages


def test_two_character_words_and_marks(world):
    talk = add(world.rep_a1, ("customer", "你们的价格太高了，价格能降吗"), ("rep", "价格可以谈"))
    (result,) = search.search(world.rep_a1, "价格").results
    assert result.conversation == talk
    assert result.passage_count == 2
    first = result.passages[0]
    assert list(first.pieces) == [
        ("你们的", False),
        ("价格", True),
        ("太高了，", False),
        ("价格", True),
        ("能降吗", False),
    ]
    assert (first.turn, first.role, first.start_ms, first.end_ms) == (0, "customer", 600, 1000)


def test_times_are_those_of_the_words(world):
    talk = add(world.rep_a1, ("rep", "x"), index=False)
    words = tuple(Word(c, 1_000 + 200 * i, 1_150 + 200 * i) for i, c in enumerate("先打二十万"))
    spoken = SpokenTranscript((Segment("ch1", "customer", 900, 3_000, "先打二十万", words),), 60_000, 2, "x")
    Transcript.objects.filter(conversation=talk).update(data=spoken.to_json())
    search.index_conversation(talk, spoken)
    passage = search.search(world.rep_a1, "二十万").results[0].passages[0]
    assert (passage.start_ms, passage.end_ms) == (1_400, 1_950)


CASES = [
    # (query, which of the talks below are found)
    ("价格", {0, 1}),
    ("价", {0, 1}),
    ("价格 合同", {0}),
    ('"价格 合同"', set()),
    ("合同价格", set()),  # across two segments
    ("太贵了", {1}),
    ("太贵 了吧", {1}),
    ("iPhone", {2}),
    ("IPHONE", {2}),
    ("ｉｐｈｏｎｅ", {2}),
    ("hello world", {2}),
    ('"hello world"', {2}),
    ('"world hello"', set()),
    ("“hello world”", {2}),
    ("A+B%", {3}),
    ("100%_'", {3}),
    ("'", {3}),
    ('"', set()),
    ("", set()),
    ("   ", set()),
    ("价贵", set()),
    ("不存在", set()),
    ("😀", {3}),
    ("OR NOT", set()),
    ("价*", set()),
    ("words:价格", set()),
]


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_queries(world, query, expected):
    talks = [
        add(world.rep_a1, ("rep", "合同"), ("customer", "价格")),
        add(world.rep_a1, ("customer", "价格太贵了吧")),
        add(world.rep_a1, ("rep", "Hello World，iPhone")),
        add(world.rep_a1, ("rep", "a+b%100%_'\\😀")),
    ]
    found = {next(i for i, t in enumerate(talks) if t.pk == pk) for pk in everything(world.rep_a1, query)}
    assert found == expected


def test_by_speaker(world):
    mine = add(world.rep_a1, ("rep", "包退包换"), ("customer", "太贵"))
    theirs = add(world.rep_a1, ("customer", "包退"), ("rep", "太贵了吗"))
    assert ids(search.search(world.rep_a1, "包退", speaker="rep")) == [mine.pk]
    assert ids(search.search(world.rep_a1, "包退 太贵", speaker="customer")) == []
    assert ids(search.search(world.rep_a1, "太贵", speaker="customer")) == [mine.pk]
    assert ids(search.search(world.rep_a1, "包退", speaker="customer")) == [theirs.pk]


def test_newest_first_with_cursor_and_dates(world):
    talks = [add(world.rep_a1, ("rep", "价格"), at=AT + timedelta(days=d)) for d in (3, 1, 2, 0, 4, 2)]
    order = sorted(talks, key=lambda t: (t.started_at, t.pk), reverse=True)
    assert everything(world.rep_a1, "价格") == [t.pk for t in order]
    within = [t.pk for t in order if AT + timedelta(days=1) <= t.started_at < AT + timedelta(days=3)]
    start, end = AT + timedelta(days=1), AT + timedelta(days=3)
    assert everything(world.rep_a1, "价格", start=start, end=end) == within


def test_by_rep_and_customer(world):
    a = add(world.rep_a1, ("rep", "价格"), customer=world.customer_a)
    b = add(world.rep_a2, ("rep", "价格"))
    assert ids(search.search(world.manager_a, "价格", rep=world.rep_a2)) == [b.pk]
    assert ids(search.search(world.manager_a, "价格", customer=world.customer_a)) == [a.pk]
    assert ids(search.search(world.manager_a, "价格", customer=world.customer_b)) == []


def test_scope(world):
    talks = {name: add(getattr(world, name), ("rep", "价格")).pk for name in ("rep_a1", "rep_a2", "rep_b1")}
    orphan = add(None, ("rep", "价格")).pk
    expected = {
        "rep_a1": {talks["rep_a1"]},
        "rep_b2": set(),
        "manager_a": {talks["rep_a1"], talks["rep_a2"]},
        "manager_b": {talks["rep_b1"]},
        "inspector": {*talks.values(), orphan},
        "executive": {*talks.values(), orphan},
        "administrator": set(),
        "marketing": set(),
    }
    for name, seen in expected.items():
        assert set(everything(getattr(world, name), "价格")) == seen, name


def test_a_talk_that_moves_is_never_shown_to_its_old_owner(world):
    """The scope is checked on the row, also before the index has heard of the change."""
    talk = add(world.rep_a1, ("rep", "价格"))
    Conversation.objects.filter(pk=talk.pk).update(rep=world.rep_b1, unit=world.team_b)
    assert ids(search.search(world.rep_a1, "价格")) == []
    talk.refresh_from_db()
    search.index_conversation(talk, talk.transcript.spoken)
    assert ids(search.search(world.rep_b1, "价格")) == [talk.pk]


def test_indexing_again_and_removing(world):
    talk = add(world.rep_a1, ("rep", "价格"))
    changed = from_turns([("rep", "交期")])
    Transcript.objects.filter(conversation=talk).update(data=changed.to_json())
    search.index_conversation(talk, changed)
    assert ids(search.search(world.rep_a1, "价格")) == []
    assert ids(search.search(world.rep_a1, "交期")) == [talk.pk]
    search.remove(talk)
    assert ids(search.search(world.rep_a1, "交期")) == []


def test_queries_per_search(world, django_assert_max_num_queries):
    for _number in range(10):
        add(world.rep_a1, ("rep", "价格"), ("customer", "合同"))
    with django_assert_max_num_queries(4):
        page = search.search(world.manager_a, "价格 合同", limit=5)
    assert len(page.results) == 5
    assert page.cursor is not None


def test_naughty_strings(world, naughty_strings):
    """Any string can be said and asked for; what was said is found, nothing breaks."""
    fit = [text for text in naughty_strings if "\x00" not in text and text.strip()]
    add(world.rep_a1, *[("rep", text) for text in fit])
    for text in naughty_strings:
        search.search(world.rep_a1, text)
    for text in fit:
        words = search.query_words(text)
        if len(words) == 1 and len(text) < search.MAX_QUERY and not set(text) & set('"“”«»'):
            assert search.search(world.rep_a1, text).results, text


def test_lone_surrogates_and_nul_are_harmless(world):
    add(world.rep_a1, ("rep", "价格"))
    assert search.search(world.rep_a1, "\ud800价\x00").results == ()


ALPHABET = "价格贵了aB1 。'\n"
lines = st.lists(
    st.tuples(st.sampled_from(["rep", "customer", "unknown"]), st.text(ALPHABET, min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    talks=st.lists(lines, min_size=1, max_size=5),
    words=st.lists(st.text("价格贵了ab1。'", min_size=1, max_size=4), min_size=1, max_size=3),
    speaker=st.sampled_from([None, "rep", "customer"]),
)
def test_equal_to_substring_truth(world, talks, words, speaker):
    search.clear()
    Conversation.objects.all().delete()
    made = [add(world.rep_a1, *turns, at=AT + timedelta(hours=n)) for n, turns in enumerate(talks)]
    expected = [
        talk.pk
        for talk, turns in zip(made, talks, strict=True)
        if all(
            any(word in text.lower().replace("\n", " ") for role, text in turns if speaker in (None, role))
            for word in words
        )
    ]
    assert everything(world.rep_a1, " ".join(words), speaker=speaker) == expected[::-1]
