"""The list of items: kinds, offsets, JSON, and texts that want to break it."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.language.normalise import normalise
from shengce.language.written import write_figures
from shengce.project.cli import main

AT = datetime(2026, 11, 24, 10, tzinfo=timezone(timedelta(hours=8)))
NAUGHTY = Path(__file__).resolve().parents[4] / "shared" / "data" / "naughty-strings" / "blns.json"
PIECES = "今天明后周一二三四五六日下上月底年号点半分刻前内到至折万千百十块元毛幺零两几多个天小时，。 的第每打省¥-:/.0123456789wk亿转"


def _check(text: str) -> None:
    end = 0
    for item in normalise(text, at=AT):
        assert item.start >= end and item.end > item.start
        end = item.end
        assert text[item.start : item.end] == item.text
        value = item.to_json()["value"]
        json.dumps(value)
        if item.kind == "time":
            begin, until = (value[k] and datetime.fromisoformat(value[k]) for k in ("start", "end"))
            assert begin or until
            assert not (begin and until) or begin < until
        elif item.kind == "amount":
            assert value["unit"] in ("yuan", "discount")
            assert value["min"] is not None or value["max"] is not None
            assert "E" not in str(value)
        else:
            assert re.fullmatch(r"\d{10,12}", value)


def test_one_sentence_with_everything() -> None:
    text = "您看后天下午两点半行吗，先付三万五，打九五折，我一三八幺二三四五六七八"
    assert [(item.kind, item.text, item.value) for item in normalise(text, at=AT)] == [
        (
            "time",
            "后天下午两点半",
            {"start": "2026-11-26T14:30:00+08:00", "end": "2026-11-26T14:31:00+08:00"},
        ),
        ("amount", "三万五", {"min": "35000", "max": "35000", "unit": "yuan"}),
        ("amount", "打九五折", {"min": "0.95", "max": "0.95", "unit": "discount"}),
        ("phone", "一三八幺二三四五六七八", "13812345678"),
    ]


@given(st.text(alphabet=PIECES, max_size=80))
@settings(max_examples=400, deadline=None)
def test_any_pile_of_pieces_keeps_the_rules(text: str) -> None:
    _check(text)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_keeps_the_rules(text: str) -> None:
    _check(text)


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="shared/data/naughty-strings is not here")
def test_naughty_strings() -> None:
    for text in json.loads(NAUGHTY.read_text(encoding="utf-8")):
        _check(text)
        _check(f"明天{text}三万五")
        write_figures(text)


class _Counted:
    """Counts the calls of Python functions and methods: a measure of work that no busy machine disturbs."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame: object, event: str, argument: object) -> None:
        self.calls += event in ("call", "c_call")

    def of(self, text: str) -> int:
        self.calls = 0
        sys.setprofile(self)
        try:
            normalise(text, at=AT)
            write_figures(text)
        finally:
            sys.setprofile(None)
        return self.calls


@pytest.mark.parametrize(
    "piece",
    [
        "一",
        "1,",
        "三月",
        "三到",
        "明天",
        "下",
        "每",
        "三点",
        "1-",
        "一个",
        "半",
        "周一到",
        "两天",
        "138 ",
        "三分之",
        "打八",
        "五折到",
        "下周二周三",
        "本月最后三天",
        "一块五毛三",
        "近三个月",
        "壹元",
    ],
)
def test_work_grows_with_the_length_of_the_text(piece: str) -> None:
    counted = _Counted()
    short, long = counted.of(piece * 400), counted.of(piece * 1600)
    assert long < 4.8 * short + 2000


@pytest.mark.parametrize("piece", ["一", "二零", "三点", "1-", "零一二三四五六七八九", "一点一"])
def test_a_hundred_thousand_characters_come_to_an_end(piece: str) -> None:
    normalise(piece * (100_000 // len(piece)), at=AT)
    write_figures(piece * (100_000 // len(piece)))


# The command


def test_the_command_prints_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["normalise", "下周五先打二十万", "--at", "2026-11-24T10:00:00+08:00", "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out) == [
        {"text": "下周五", "start": 0, "end": 3, "kind": "time", "value": {"start": "2026-12-04T00:00:00+08:00", "end": "2026-12-05T00:00:00+08:00"}},
        {"text": "二十万", "start": 5, "end": 8, "kind": "amount", "value": {"min": "200000", "max": "200000", "unit": "yuan"}},
    ]  # fmt: skip


def test_the_command_reads_a_text_a_line(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_bytes("明天见\n\n\xff坏\r\n打九折".encode("utf-8", "replace").replace("ÿ".encode(), b"\xff"))
    with lines.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(["normalise", "-", "--at", "2026-11-24T10:00", "--json"]) == 0
    printed = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [[item["kind"] for item in items] for items in printed] == [["time"], [], [], ["amount"]]


def test_the_command_refuses_a_moment_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["normalise", "明天", "--at", "soon"])
    assert "ISO 8601" in capsys.readouterr().err
