"""What recorders' file names say: a table of real forms, and that no name can break the reader."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.people.phone_numbers import normalise_phone
from shengce.recordings.filenames import PATTERNS, read_name
from shengce.recordings.moments import moment_of_text

ZONE = ZoneInfo("Asia/Shanghai")
MOBILE = "13812340001"

# name; pattern, customer's number, our number, contact, customer, direction, moment
CASES = [
    ("通话录音@张三(13812340001)_20261102093015.mp3", "huawei", MOBILE, "", "张三", "", "", "2026-11-02T09:30:15"),
    ("通话录音@13812340001_20261102093015.amr", "huawei", MOBILE, "", "", "", "", "2026-11-02T09:30:15"),
    ("Call@李总 (+86 138 1234 0001)_20261102093015.m4a", "huawei", MOBILE, "", "李总", "", "", "2026-11-02T09:30:15"),
    ("13812340001@张三_20261102093015.amr", "huawei-early", MOBILE, "", "张三", "", "", "2026-11-02T09:30:15"),
    ("张三(13812340001)_20261102093015.mp3", "xiaomi", MOBILE, "", "张三", "", "", "2026-11-02T09:30:15"),
    ("张三（13812340001）_20261102093015.mp3", "xiaomi", MOBILE, "", "张三", "", "", "2026-11-02T09:30:15"),
    ("13812340001(13812340001)_20261102093015.mp3", "xiaomi", MOBILE, "", "", "", "", "2026-11-02T09:30:15"),
    ("张三(13812340001)_20261102093015(1).mp3", "xiaomi", MOBILE, "", "张三", "", "", "2026-11-02T09:30:15"),
    ("Call recording 张三_210101_120000.m4a", "samsung", "", "", "张三", "", "", "2021-01-01T12:00:00"),
    ("通话录音 +8613812340001_261102_093015.m4a", "samsung", MOBILE, "", "", "", "", "2026-11-02T09:30:15"),
    ("张三-2611020930.mp3", "oppo", "", "", "张三", "", "", "2026-11-02T09:30:00"),
    ("138 1234 0001-2611020930.mp3", "oppo", MOBILE, "", "", "", "", "2026-11-02T09:30:00"),
    ("20261104-100233_13912340002_out.mp3", "acr", "13912340002", "", "", "", "out", "2026-11-04T10:02:33"),
    ("20261104_100233_李四_13912340002_incoming.mp3", "acr", "13912340002", "", "李四", "", "in", "2026-11-04T10:02:33"),
    ("1d20261104100233p+8613812340001.amr", "acr-early", MOBILE, "", "", "", "out", "2026-11-04T10:02:33"),
    ("0d20261104100233p13812340001.amr", "acr-early", MOBILE, "", "", "", "in", "2026-11-04T10:02:33"),
    ("2026-11-02 09-30-15 (phone) 张三 (+86 138-1234-0001) ↙.amr", "cube-acr", MOBILE, "", "张三", "", "in", "2026-11-02T09:30:15"),
    ("2026-11-02 09-30-15 (phone) 张三 (13812340001) ↗.m4a", "cube-acr", MOBILE, "", "张三", "", "out", "2026-11-02T09:30:15"),
    ("13812340001 2026-11-02 09-30-15.m4a", "vivo", MOBILE, "", "", "", "", "2026-11-02T09:30:15"),
    ("张三 2026-11-02 09-30-15.m4a", "vivo", "", "", "张三", "", "", "2026-11-02T09:30:15"),
    ("out-13812340001-8001-20261103-141502-1699000000.12.wav", "freepbx", MOBILE, "8001", "", "", "out", "2026-11-03T14:15:02"),
    ("in-8001-13812340001-20261103-141502-1699000000.12.wav", "freepbx", MOBILE, "8001", "", "", "in", "2026-11-03T14:15:02"),
    ("external-8001-13812340001-20261103-141502-1699000000.12.wav", "freepbx", MOBILE, "8001", "", "", "in", "2026-11-03T14:15:02"),
    ("20261103-141502-8001-13812340001-1699000000.12.wav", "asterisk", MOBILE, "8001", "", "", "out", "2026-11-03T14:15:02"),
    ("20261103-141502-13812340001-8001-1699000000.12.wav", "asterisk", MOBILE, "8001", "", "", "in", "2026-11-03T14:15:02"),
    ("2026-11-03-14-15-02_13812340001_8001.wav", "freeswitch", MOBILE, "8001", "", "", "out", "2026-11-03T14:15:02"),
    ("2026-11-03-14-15-02_8001_051288886666.wav", "freeswitch", "051288886666", "8001", "", "", "in", "2026-11-03T14:15:02"),
    ("Call_13812340001_20261117_141502.opus", "call", MOBILE, "", "", "", "", "2026-11-17T14:15:02"),
    ("Call with 张三 2026-11-02 at 09.30.15.m4a", "iphone", "", "", "张三", "", "", "2026-11-02T09:30:15"),
    ("与138 1234 0001的通话 2026-11-02 09.30.15.m4a", "iphone", MOBILE, "", "", "", "", "2026-11-02T09:30:15"),
    ("现场_云海大酒店_20261112_100512.opus", "onsite", "", "", "", "云海大酒店", "onsite", "2026-11-12T10:05:12"),
    ("呼出 13812340001 20261102 093015.wav", "generic", MOBILE, "", "", "", "out", "2026-11-02T09:30:15"),
    ("../../etc/13812340001_20261102093015.mp3", "xiaomi", MOBILE, "", "", "", "", "2026-11-02T09:30:15"),
    # a day or hour that does not exist is left out, the rest stays
    ("张三(13812340001)_20261302093015.mp3", "xiaomi", MOBILE, "", "张三", "", "", None),
    ("张三(13812340001)_20260230093015.mp3", "xiaomi", MOBILE, "", "张三", "", "", None),
    ("Call_13812340001_20261117_251502.opus", "call", MOBILE, "", "", "", "", None),
    # names that say nothing
    ("录音 2026-08-14 王总(第2次)#1.mp3", "", "", "", "", "", "", None),
    ("新录音 12.m4a", "", "", "", "", "", "", None),
    ("voice.aac", "", "", "", "", "", "", None),
    ("订单20261102123456789012.wav", "", "", "", "", "", "", None),
    ("", "", "", "", "", "", "", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "pattern", "phone", "own", "contact", "customer", "direction", "moment"), CASES
)
def test_names_of_recorders(name, pattern, phone, own, contact, customer, direction, moment):
    found = read_name(name, zone=ZONE)
    assert (found.pattern, found.phone, found.own_number) == (pattern, phone, own)
    assert (found.contact, found.customer, found.direction) == (contact, customer, direction)
    assert found.started_at == (datetime.fromisoformat(moment).replace(tzinfo=ZONE) if moment else None)


def test_every_pattern_has_a_case():
    assert {pattern.name for pattern in PATTERNS} <= {case[1] for case in CASES}


def test_two_long_numbers_are_caller_and_callee():
    found = read_name("20261103-141502-13900000011-13812340001-1.2.wav", zone=ZONE)
    assert (found.caller, found.callee, found.phone, found.direction) == ("13900000011", MOBILE, "", "")


@given(st.text(max_size=400))
def test_any_name_is_read_without_error(name):
    found = read_name(name, zone=ZONE)
    assert found.phone == normalise_phone(found.phone)


def test_naughty_names(naughty_strings):
    for text in naughty_strings:
        read_name(text, zone=ZONE)
        read_name(f"{text}(13812340001)_20261102093015.mp3", zone=ZONE)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31)))
def test_every_moment_comes_back(moment):
    moment = moment.replace(microsecond=0, tzinfo=ZONE)
    assert read_name(f"张三({MOBILE})_{moment:%Y%m%d%H%M%S}.mp3", zone=ZONE).started_at == moment
    assert read_name(f"out-{MOBILE}-8001-{moment:%Y%m%d-%H%M%S}-1.2.wav", zone=ZONE).started_at == moment


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("138 1234 0001", MOBILE),
        ("+86 138-1234-0001", MOBILE),
        ("008613812340001", MOBILE),
        ("8613812340001", MOBILE),
        ("013812340001", MOBILE),
        ("1795113812340001", MOBILE),
        ("１３８１２３４０００１", MOBILE),
        ("0512-8888 6666", "051288886666"),
        ("(0512)88886666 转 801", "051288886666"),
        ("+86 512 8888 6666", "051288886666"),
        ("0512-88886666-", "051288886666"),
        ("400-820-8820", "4008208820"),
        ("8001", "8001"),
        ("10086", "10086"),
        ("86", ""),
        ("张三", ""),
        ("1381234000x", ""),
        ("", ""),
        ("1" * 40, ""),
    ],
)
def test_phone_numbers_have_one_spelling(written, digits):
    assert normalise_phone(written) == digits
    assert normalise_phone(digits) == digits


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-03 14:15:02", "2026-11-03T14:15:02+08:00"),
        ("2026/11/3 14:15", "2026-11-03T14:15:00+08:00"),
        ("2026年11月3日 14时15分02秒", "2026-11-03T14:15:02+08:00"),
        ("20261103141502", "2026-11-03T14:15:02+08:00"),
        ("2026-11-03T06:15:02Z", "2026-11-03T14:15:02+08:00"),
        ("2026-11-03T14:15:02.5+08:00", "2026-11-03T14:15:02+08:00"),
        ("1793686502", "2026-11-03T14:15:02+08:00"),
        ("1793686502000", "2026-11-03T14:15:02+08:00"),
        ("2026-11-03", None),
        ("2026-02-30 10:00", None),
        ("2026-11-03 25:00", None),
        ("2026-11-03T14:15:02+99:99", None),
        ("昨天下午", None),
        ("", None),
    ],
)
def test_moments_as_lists_write_them(written, moment):
    assert moment_of_text(written, ZONE) == (datetime.fromisoformat(moment) if moment else None)
