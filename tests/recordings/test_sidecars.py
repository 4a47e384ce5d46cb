"""Lists beside recordings: many encodings, delimiters and headings, and clear words for those that cannot be used."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.recordings.errors import explain
from shengce.recordings.refusal import Refused
from shengce.recordings.sidecars import COLUMNS, read_sidecar

ZONE = ZoneInfo("Asia/Shanghai")
WHEN = datetime(2026, 11, 3, 14, 15, 2, tzinfo=ZONE)


def read(text: str | bytes, name: str = "calls.csv"):
    return read_sidecar(text.encode() if isinstance(text, str) else text, name=name, zone=ZONE)


CHINESE = "录音文件,主叫,被叫,呼叫方向,开始时间,坐席工号,客户名称\n001.wav,8001,138 1234 0001,呼出,2026/11/3 14:15:02,rep_a1,云海大酒店\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding, delimiter):
    hints = read(CHINESE.replace(",", delimiter).encode(encoding)).hints_for("001.wav")
    assert (hints.phone, hints.own_number, hints.direction) == ("13812340001", "8001", "out")
    assert (hints.rep, hints.customer, hints.started_at) == ("rep_a1", "云海大酒店", WHEN)
    assert hints.raw["坐席工号"] == "rep_a1"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("filename,phone,direction", "a.wav,+86 13812340001,inbound", ("13812340001", "in", "")),
        (
            "File Name,Phone Number,Call Direction,Agent",
            "a.wav,13812340001,OUT,lin",
            ("13812340001", "out", "lin"),
        ),
        ("文件名,号码,呼叫类型,业务员", "a.wav,13812340001,来电,林晓", ("13812340001", "in", "林晓")),
        ("录音文件名,客户手机号,姓名", 'a.wav,="13812340001",林晓', ("13812340001", "", "林晓")),
        ("recordingfile,src,dst", "/var/spool/a.wav,13812340001,8001", ("", "", "")),
        ("文件,电话,方向", "A.WAV,不详,不明", ("", "", "")),
    ],
)
def test_headings(header, row, expected):
    hints = read(f"{header}\n{row}\n").hints_for("a.wav")
    assert (hints.phone, hints.direction, hints.rep) == expected


def test_caller_and_callee_stay_open_without_a_direction():
    hints = read("文件名,主叫,被叫\na.wav,13812340001,8001\n").hints_for("a.wav")
    assert (hints.caller, hints.callee) == ("13812340001", "8001")


def test_day_and_time_in_two_columns():
    assert read("文件名,通话日期,通话时间\na.wav,2026-11-03,14:15:02\n").hints_for("a.wav").started_at == WHEN


def test_files_are_found_by_path_name_and_stem():
    sidecar = read("文件名,号码\nmon/1.wav,13800000001\ntue/1.wav,13800000002\ncall-7,13800000007\n")
    assert sidecar.hints_for("mon/1.wav").phone == "13800000001"
    assert sidecar.hints_for("tue\\1.WAV").phone == "13800000002"
    assert sidecar.hints_for("call-7.mp3").phone == "13800000007"
    assert not sidecar.hints_for("2.wav")


@pytest.mark.parametrize(
    "data",
    [
        [{"file": "a.wav", "phone": "13812340001"}],
        {"recordings": [{"file": "x/a.wav", "phone": 13812340001}], "made": "2026"},
        {"a.wav": {"phone": "13812340001"}, "b.wav": {"phone": "13800000000"}},
    ],
)
def test_json_shapes(data):
    assert read(json.dumps(data), "calls.json").hints_for("a.wav").phone == "13812340001"


@pytest.mark.parametrize("name", ["a.json", "a.wav.json", "sub/a.json"])
def test_json_of_one_recording_is_named_after_it(name):
    sidecar = read(json.dumps({"number": "13812340001", "direction": "outgoing"}), name)
    assert sidecar.hints_for("a.wav").phone == "13812340001"
    assert not sidecar.hints_for("b.wav")


@pytest.mark.parametrize(
    ("content", "name", "code", "mentions"),
    [
        ("甲,乙\n1,2\n", "a.csv", "sidecar_useless", ["甲", "乙", "号码"]),
        ("电话,业务员\n13812340001,林晓\n", "a.csv", "sidecar_columns", ["电话", "业务员", "文件名"]),
        ("文件名,备注\na.wav,x\n", "a.csv", "sidecar_useless", ["备注", "号码"]),
        ("", "a.csv", "sidecar_empty", []),
        ("文件名,号码\n", "a.csv", "sidecar_empty", []),
        (b"\xff\xff\x81\x00\xff", "a.csv", "sidecar_encoding", []),
        ('{"a": ', "a.json", "sidecar_json", ["1"]),
        ("[" * 100_000, "a.json", "sidecar_json", []),
        ("[]", "a.json", "sidecar_empty", []),
        ("3", "a.json", "sidecar_empty", []),
        (b"x" * 9_000_000, "a.csv", "sidecar_large", ["8"]),
    ],
)
def test_what_cannot_be_used_is_said(content, name, code, mentions):
    with pytest.raises(Refused) as refused:
        read(content, name)
    assert refused.value.code == code
    words = explain(code, refused.value.details)
    assert all(mention in words for mention in mentions)


def test_no_heading_means_two_things():
    names = [name for names in COLUMNS.values() for name in names]
    assert len(names) == len(set(names))


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.tsv"]))
def test_any_bytes_give_a_list_or_a_reason(data, name):
    try:
        read(data, name).hints_for("a.wav")
    except Refused as refused:
        assert refused.code.startswith("sidecar_")


@given(st.text(max_size=200))
def test_any_text_in_a_cell_is_kept_out_of_harm(text):
    cell = json.dumps([{"file": "a.wav", "phone": text, "rep": text, "start": text, "direction": text}])
    try:
        hints = read(cell, "a.json").hints_for("a.wav")
    except Refused:
        return
    assert "\x00" not in json.dumps(hints.raw, ensure_ascii=False)
