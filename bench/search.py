"""Search over 100,000 talks on SQLite: how long a person waits for two-character words, and whether the answer is whole.

The talks are made up from the words of trade, by a fixed seed, in a database of their own in a temporary folder. Measured
is the whole of ``facts.search.search``, scope and marked passages included, one page of twenty. Reference: a scan of all
documents for the substring, which is also the truth that the answers are compared with.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TALKS = 100_000
SEGMENTS = 16
REPS = 200
BUDGET_MS = 50.0
PAGE = 20
SAMPLED = 400
COMPARED = 20

_WORDS = (
    "价格合同产品客户服务质量安装滤芯设备付款发货样机方案预算采购老板经理公司学校医院酒店工厂办公食堂"
    "水质净水直饮维修保养售后折扣优惠便宜竞品对手霖沃泓派云瀑雪涧石泉深谷年卡下周明天上午下午时间电话"
    "微信地址发票税率定金尾款账期信用区域代理渠道经销窜货投诉退货换货更换检测报告标准认证品牌市场销量"
)
COMMON = [_WORDS[i : i + 2] for i in range(0, len(_WORDS), 2)]
FILLERS = (
    "我们你们这个那个就是然后如果可以没有什么怎么觉得知道还是一下一些已经需要应该比较非常问题情况考虑看看了解"
)
RARE = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3000))


def measure() -> list[dict[str, Any]]:
    """Rows of the table of ``make bench``. Runs in a process of its own, because it has its own database."""
    with tempfile.TemporaryDirectory(prefix="shengce-bench-") as folder:
        environment = {
            **os.environ,
            "SHENGCE_DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'search.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "shengce.project.settings",
            "SHENGCE_LOG_LEVEL": "WARNING",
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.search"],
            env=environment,
            cwd=Path(__file__).resolve().parent.parent,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def sentences(chance: random.Random) -> Iterator[str]:
    """A talk: some words of trade among fillers, now and then a name that hardly anybody else says."""
    for _segment in range(SEGMENTS):
        words = chance.choices(COMMON, k=2) + ["".join(chance.choices(FILLERS, k=4)) for _ in range(3)]
        if chance.random() < 0.1:
            words.append("".join(chance.choices(RARE, k=2)))
        chance.shuffle(words)
        yield "".join(words)


def build() -> float:
    """The database, filled in bulk; seconds."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from shengce.facts import search
    from shengce.facts.models import SearchDocument
    from shengce.people.models import Role, Unit, User
    from shengce.recordings.models import Conversation, Recording, Transcript
    from shengce.speech.transcript import from_turns

    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    unit = Unit.objects.create(name="office", path="/1/")
    reps = User.objects.bulk_create(
        [User(username=f"rep{n}", display_name=f"rep{n}", unit=unit, role=Role.REP) for n in range(REPS)]
    )
    User.objects.create(username="manager", display_name="manager", role=Role.MANAGER, unit=unit)
    chance = random.Random(20261124)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for batch in range(0, TALKS, 5_000):
        numbers = range(batch + 1, batch + 5_001)
        with transaction.atomic():
            Recording.objects.bulk_create(
                [
                    Recording(pk=n, sha256=f"{n:064d}", name="x", size=1, file="x", status="done")
                    for n in numbers
                ]
            )
            talks, transcripts, documents = [], [], []
            for n in numbers:
                rep = reps[n % REPS]
                at = first + timedelta(seconds=300 * n)
                talk = Conversation(
                    pk=n, recording_id=n, end_ms=120_000, started_at=at, rep=rep, unit_id=unit.pk
                )
                turns = [("rep" if i % 2 else "customer", text) for i, text in enumerate(sentences(chance))]
                talks.append(talk)
                transcripts.append(
                    Transcript(conversation_id=n, data=from_turns(turns).to_json(), engine="bench")
                )
                documents.append(search.document_of(talk, turns))
            Conversation.objects.bulk_create(talks)
            Transcript.objects.bulk_create(transcripts)
            SearchDocument.objects.bulk_create(documents)
            with connection.cursor() as database:
                database.executemany(search.insert_statement(), [search.index_row(d) for d in documents])
    return time.perf_counter() - started


def scan(word: str) -> list[int]:
    """The truth, newest first: every talk whose words hold this one."""
    from django.db import connection

    with connection.cursor() as database:
        database.execute(
            "SELECT conversation_id FROM facts_searchdocument WHERE instr(text, %s) > 0 ORDER BY key DESC",
            [word],
        )
        return [row[0] for row in database.fetchall()]


def waits(user: Any, words: list[str]) -> list[float]:
    """Milliseconds of each search, sorted."""
    from shengce.facts import search

    times = []
    for word in words:
        started = time.perf_counter()
        search.search(user, word, limit=PAGE)
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


def run() -> list[dict[str, Any]]:
    import django

    django.setup()
    from shengce.facts import search
    from shengce.people.models import User

    built_s = build()
    chance = random.Random(7)
    manager, rep = User.objects.get(username="manager"), User.objects.get(username="rep1")
    rare = ["".join(chance.choices(RARE, k=2)) for _ in range(SAMPLED // 4)]
    fillers = ["".join(chance.choices(FILLERS, k=2)) for _ in range(SAMPLED // 4)]
    words = chance.choices(COMMON, k=SAMPLED // 2) + rare + fillers
    waits(manager, words[:20])
    compared = chance.sample(sorted(set(words)), COMPARED)
    wrong, scans = 0, []
    for word in compared:
        started = time.perf_counter()
        truth = scan(word)
        scans.append((time.perf_counter() - started) * 1000)
        found = [result.conversation.pk for result in search.search(manager, word, limit=PAGE).results]
        wrong += found != truth[:PAGE]
    reference = sorted(scans)[len(scans) // 2]
    rows = []
    singles = chance.choices(FILLERS, k=100)
    for name, user, asked in (
        ("search: two-character words, manager, p95", manager, words),
        ("search: two-character words, rep, p95", rep, words),
        ("search: one-character words, manager, p95", manager, singles),
    ):
        times = waits(user, asked)
        p95 = times[int(len(times) * 0.95)]
        rows.append(
            row(name, round(p95, 1), "ms", round(reference, 1), p95 / reference, BUDGET_MS, p95 <= BUDGET_MS)
        )
    rows.append(
        row("search: answers unlike substring truth", wrong, f"of {COMPARED}", 0, None, 0, wrong == 0)
    )
    rows.append(row("search: building 100,000 talks", round(built_s, 1), "s", None, None, None, None))
    return rows


def row(
    name: str,
    value: float,
    unit: str,
    reference: float | None,
    ratio: float | None,
    budget: float | None,
    ok: bool | None,
) -> dict[str, Any]:
    ratio = None if ratio is None else round(ratio, 4)
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "reference": reference,
        "ratio": ratio,
        "budget": budget,
        "ok": ok,
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False))
