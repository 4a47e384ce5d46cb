"""A company of 200 reps with 100,000 talks in a temporary database, for the benchmarks of pages and search.

Rows are what the pipeline would have left behind, but made in bulk: every talk has recording, transcript, search
document, score and two facts; every rep has daily figures and daily reports. One talk in ten is made here, the others
are copies of it with ids of their own, made by the database. Words come from a fixed die, so each run measures the
same company. :func:`temporary_databases` gives the databases, :func:`fill` the rows.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

TALKS = 100_000
REPS = 200
CUSTOMERS = 20_000
DAYS = 200
REPORT_DAYS = 200
LINE_DAYS = 10
COPIES = 10
REGIONS = 4
TEAMS = 20
BATCH = 2_000
POSTGRESQL = "postgres://postgres@127.0.0.1:5432/postgres"

SAID = (
    "您好，我是溪石净水的小李，打扰您两分钟时间",
    "你们这个设备多少钱一台，能不能便宜一点",
    "我们的商用净水机报价三千八百元，含上门安装和两年质保",
    "太贵了，别家才报三千二，他们还送一年滤芯",
    "理解您，算下来平均每天不到十块钱，滤芯寿命也更长",
    "我们预算在五万到八万之间，这个事要王总拍板",
    "下周三下午三点我过去看现场，到时候给您出个方案",
    "上次装的那台漏水，报修三天没人来，我们意见很大",
    "下周五我先打二十万过来，剩下的月底付清",
    "市场上有人卖你们的机器，比我们拿货还低三百",
    "现在用的是桶装水，五十多个人，每天大概十桶",
    "行，那就先这样，再见",
)  # fmt: skip
CHARACTERS = (
    "云瀑雪涧石泉深谷霖沃泓派澜海晨星瑞丰泰恒卓诺凯迪锐驰蓝盾金徽银河天佑鼎盛远航博雅智联安优科美度康源"
)


@contextlib.contextmanager
def temporary_databases() -> Iterator[list[tuple[str, dict[str, str]]]]:
    """``(name, environment)`` of an empty SQLite and, where a server answers, an empty PostgreSQL database."""
    with tempfile.TemporaryDirectory(prefix="shengce-bench-") as folder, contextlib.ExitStack() as stack:
        base = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        base |= {"SHENGCE_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "shengce.project.settings"}
        found = [("SQLite", base | {"DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}"})]
        address = stack.enter_context(_postgresql())
        if address is not None:
            found.append(("PostgreSQL", base | {"DATABASE_URL": address}))
        yield found


@contextlib.contextmanager
def _postgresql() -> Iterator[str | None]:
    """The address of a database of our own on the server, dropped afterwards; ``None`` where no server answers."""
    import psycopg

    server = os.environ.get("SHENGCE_BENCH_POSTGRESQL", POSTGRESQL)
    name = f"shengce_bench_{uuid.uuid4().hex[:12]}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    with connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def fill(talks: int = TALKS) -> None:
    """Migrate the database of the environment and make the company. Django must be set up."""
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        with connection.cursor() as database:  # a database that is thrown away need not survive a power cut
            database.execute("PRAGMA synchronous=OFF")
    with transaction.atomic():
        reps = _people()
        customers = _customers(reps)
        _talks(reps, customers, talks // COPIES)
        _copy_talks(talks // COPIES)
        _index()
        _figures(reps)
        _reports(reps)
    if connection.vendor == "postgresql":
        with connection.cursor() as database:  # what autovacuum does on a server that has been up for an hour
            database.execute("ANALYZE")


def _people() -> list[Any]:
    """Regions with teams with reps, and one of everybody who looks: executive, manager of a region, administrator."""
    from shengce.people.models import Role, Unit, User

    def unit(name: str, kind: str, parent: Any) -> Any:
        made = Unit.objects.create(name=name, kind=kind, parent=parent)
        made.path = f"{parent.path if parent else '/'}{made.pk}/"
        made.save(update_fields=["path"])
        return made

    company = unit("公司", Unit.Kind.COMPANY, None)
    regions = [unit(f"大区{i}", Unit.Kind.REGION, company) for i in range(REGIONS)]
    teams = [unit(f"小组{i}", Unit.Kind.TEAM, regions[i % REGIONS]) for i in range(TEAMS)]
    for name, role, place in (
        ("executive", Role.EXECUTIVE, company),
        ("manager", Role.MANAGER, regions[0]),
        ("inspector", Role.INSPECTOR, company),
    ):
        User.objects.create(username=name, display_name=name, role=role, unit=place)
    User.objects.bulk_create(
        User(username=f"rep{i}", display_name=f"业务员{i}", role=Role.REP, unit=teams[i % TEAMS])
        for i in range(REPS)
    )
    return list(User.objects.filter(role=Role.REP).order_by("pk"))


def _customers(reps: list[Any]) -> list[Any]:
    from shengce.customers.models import Contact, Customer

    dice = random.Random(1)
    now = _now()
    made = Customer.objects.bulk_create(
        (
            Customer(
                name="".join(dice.choices(CHARACTERS, k=4)) + "公司",
                owner=(rep := reps[i % len(reps)]),
                unit_id=rep.unit_id,
                city="".join(dice.choices(CHARACTERS, k=2)),
                last_talk_at=now - dt.timedelta(minutes=dice.randrange(DAYS * 1440)),
            )
            for i in range(CUSTOMERS)
        ),
        batch_size=BATCH,
    )
    contacts = (Contact(customer=c, name="王经理", phone=f"138{i:08d}") for i, c in enumerate(made))
    Contact.objects.bulk_create(contacts, batch_size=BATCH)
    return made


def _talks(reps: list[Any], customers: list[Any], count: int) -> None:
    version = _score_card()
    dice = random.Random(2)
    numbers = iter(range(count))
    while batch := list(islice(numbers, BATCH)):
        _batch(batch, reps, customers, version, dice)


def _score_card() -> Any:
    from django.utils import timezone

    from shengce.inspection.models import ScoreCard, ScoreCardVersion

    card = ScoreCard.objects.create(name="bench")
    wording = {"phrases": ["您好"]}
    criterion = {"id": "c", "name": "c", "section": "s", "points": 1, "when": {"said": wording}}
    data = {"id": "b", "name": "b", "sections": [{"id": "s", "name": "s"}], "criteria": [criterion]}
    return ScoreCardVersion.objects.create(card=card, number=1, data=data, published_at=timezone.now())


def _batch(
    numbers: list[int], reps: list[Any], customers: list[Any], version: Any, dice: random.Random
) -> None:
    """Recordings, conversations and transcripts of some talks, and everything that hangs on them."""
    from shengce.recordings.models import Conversation, Recording, Transcript
    from shengce.speech.transcript import from_turns

    now = _now()
    recordings, talks, spoken = [], [], []
    for number in numbers:
        customer = customers[dice.randrange(len(customers))]
        rep = reps[dice.randrange(len(reps))]
        heard = from_turns([("rep" if i % 2 else "customer", _sentence(dice)) for i in range(10)])
        started = now - dt.timedelta(minutes=dice.randrange(DAYS * 1440))
        place = {"rep": rep, "unit_id": rep.unit_id, "customer": customer, "started_at": started}
        recordings.append(
            Recording(
                sha256=f"{number:064x}", name=f"call-{number}.mp3", size=1_000_000, file=f"{number}.mp3",
                received_at=started, duration_ms=heard.duration_ms, channels=2, status="done", **place,
            )
        )  # fmt: skip
        talks.append(Conversation(end_ms=heard.duration_ms, measures={"talk_ratio": 0.5}, **place))
        spoken.append(heard)
    Recording.objects.bulk_create(recordings)
    for talk, recording in zip(talks, recordings, strict=True):
        talk.recording = recording
    Conversation.objects.bulk_create(talks)
    Transcript.objects.bulk_create(
        Transcript(conversation=talk, data=heard.to_json(), engine="bench")
        for talk, heard in zip(talks, spoken, strict=True)
    )
    _documents(talks, spoken)
    _found(talks, version, dice)


def _sentence(dice: random.Random) -> str:
    """A common sentence with two characters that are not common, so that words are frequent, rare and in between."""
    return dice.choice(SAID) + "".join(dice.choices(CHARACTERS, k=2))


def _documents(talks: list[Any], spoken: list[Any]) -> None:
    """What ``facts.search`` keeps of each talk."""
    from shengce.facts import search
    from shengce.facts.models import SearchDocument

    SearchDocument.objects.bulk_create(
        search.document_of(talk, [(s.role, s.text) for s in heard.segments])
        for talk, heard in zip(talks, spoken, strict=True)
    )


def _copy_talks(count: int) -> None:
    """Copies of the first talks with everything that hangs on them: the same rows with greater ids."""
    from django.db import connection

    from shengce.facts.models import Fact, SearchDocument
    from shengce.inspection.models import Alert, Score
    from shengce.recordings.models import Conversation, Recording, Transcript

    copied = (Recording, Conversation, Transcript, SearchDocument, Score, Alert, Fact)
    for model in copied:
        table = model._meta.db_table
        step = 10 * count  # ids of the originals are below it, whatever the model
        values = []
        for field in model._meta.concrete_fields:
            column = f'"{field.column}"'
            moved = field.primary_key or field.related_model in copied
            if model is SearchDocument and field.column == "key":
                moved = True  # the id of the talk is its lower part
            if field.column == "sha256":
                column = f"'%(copy)s' || substr({column}, 2)"
            values.append(f"{column} + %(copy)s * {step}" if moved else column)
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        with connection.cursor() as database:
            for copy in range(1, COPIES):
                chosen = ", ".join(values).replace("%(copy)s", str(copy))
                key = f'"{model._meta.pk.column}"'
                database.execute(
                    f'INSERT INTO "{table}" ({columns}) SELECT {chosen} FROM "{table}" WHERE {key} < {step}'
                )


def _index() -> None:
    """The search index as ``facts.search`` writes it."""
    from django.db import connection

    from shengce.facts import search
    from shengce.facts.models import SearchDocument

    documents = SearchDocument.objects.order_by("key").iterator(chunk_size=BATCH)
    with connection.cursor() as database:
        later = ""
        if connection.vendor == "postgresql":  # a GIN index is made at once in seconds, row by row in minutes
            asked = "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = 'facts_searchindex_words'"
            name, later = database.execute(asked).fetchone()
            database.execute(f'DROP INDEX "{name}"')
        while batch := list(islice(documents, BATCH)):
            database.executemany(search.insert_statement(), [search.index_row(d) for d in batch])
        if later:
            database.execute(later)


def _found(talks: list[Any], version: Any, dice: random.Random) -> None:
    """A score for every talk, two facts, and an alert where something was fatal."""
    from shengce.facts.models import Fact
    from shengce.inspection.models import Alert, Score

    fatal = [dice.random() < 0.02 for _ in talks]
    Score.objects.bulk_create(
        Score(conversation=talk, version=version, score=0 if bad else dice.randrange(40, 100), fatal=bad)
        for talk, bad in zip(talks, fatal, strict=True)
    )
    Alert.objects.bulk_create(
        Alert(
            conversation=talk, kind=Alert.Kind.FATAL, key="c", title={"zh": "过度承诺", "en": "Over-promise"},
            quote="保证", start_ms=0, end_ms=900, raised_at=talk.started_at,
            seen_at=None if talk.started_at > _now() - dt.timedelta(days=10) else talk.started_at,
        )
        for talk, bad in zip(talks, fatal, strict=True)
        if bad
    )  # fmt: skip
    kinds = ("objection", "price", "promise", "payment_promise", "need")
    Fact.objects.bulk_create(
        Fact(
            conversation=talk, kind=kind, value={}, quote="太贵了", role="customer", turn=turn, char_start=0,
            char_end=3, start_ms=1000 * turn, end_ms=1000 * turn + 600, confidence=0.9, extractor="bench/1",
        )
        for talk in talks
        for turn, kind in enumerate(dice.sample(kinds, 2))
    )  # fmt: skip


def _figures(reps: list[Any]) -> None:
    """Daily figures of every rep over all days; their sums need not be those of the talks to cost the same."""
    from shengce.results.models import RepDay

    today = _now().date()
    rows: Iterable[Any] = (
        RepDay(
            rep=rep, unit_id=rep.unit_id, day=today - dt.timedelta(days=day), talks=2, talk_ms=600_000,
            customers=2, rep_share_sum=1.1, rep_share_count=2, questions=7, score_sum=150, score_count=2, facts=4,
        )
        for day in range(DAYS)
        for rep in reps
    )  # fmt: skip
    RepDay.objects.bulk_create(rows, batch_size=BATCH)


def _reports(reps: list[Any]) -> None:
    """A daily report of every rep for every day, those of the last three still to be read; lines for the last month."""
    from shengce.sheets.forms_of_papers import current
    from shengce.sheets.models import DAILY, Line, Paper

    now, template = _now(), current(DAILY)
    days = [(now - dt.timedelta(days=number)).date() for number in range(REPORT_DAYS)]
    papers = Paper.objects.bulk_create(
        (
            Paper(
                template=template, code=DAILY, owner=rep, unit_id=rep.unit_id, start_on=day, end_on=day + dt.timedelta(days=1),
                due_at=now, submitted_at=now, state=Paper.State.SUBMITTED if number < 3 else Paper.State.REVIEWED,
            )
            for number, day in enumerate(days)
            for rep in reps
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Line.objects.bulk_create(
        (
            Line(paper=paper, section="talks", position=place, text="拜访客户", source=Line.Source.TALK)
            for paper in papers[: LINE_DAYS * len(reps)]
            for place in range(8)
        ),
        batch_size=BATCH,
    )


def _now() -> dt.datetime:
    from django.utils import timezone

    return timezone.now()
