"""Zip archives that are honest, old, foreign or meant to harm."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.recordings.archives import Archive, ArchiveLimits
from shengce.recordings.refusal import Refused
from tests.recordings.making import wav_bytes, zip_bytes


def opened(content: bytes, **limits) -> Archive:
    return Archive(io.BytesIO(content), limits=ArchiveLimits(**limits))


def read_all(archive: Archive) -> dict[str, bytes | str]:
    result: dict[str, bytes | str] = {}
    for entry in archive.entries:
        try:
            with archive.open(entry) as stream:
                result[entry.name] = stream.read()
        except Refused as refused:
            result[entry.name] = refused.code
    return result


def test_folders_emoji_and_signs():
    content = {"周一/通话 #1 😀.wav": b"one", "b.wav": b"two"}
    assert read_all(opened(zip_bytes(content))) == content


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_compressions(method):
    assert read_all(opened(zip_bytes({"a.wav": wav_bytes()}, method=method))) == {"a.wav": wav_bytes()}


def test_names_lead_nowhere():
    archive = opened(
        zip_bytes({"../../etc/a.wav": b"1", "/abs/b.wav": b"2", "C:\\x\\c.wav": b"3", "d/../e.wav": b"4"})
    )
    assert [entry.name for entry in archive.entries] == ["etc/a.wav", "abs/b.wav", "x/c.wav", "d/e.wav"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_of_old_chinese_windows(encoding):
    raw = "张三通话.wav".encode(encoding)
    info = zipfile.ZipInfo("x" * len(raw))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, b"sound")
    content = target.getvalue().replace(b"x" * len(raw), raw)
    assert read_all(opened(content)) == {"张三通话.wav": b"sound"}


def test_what_systems_leave_behind_is_skipped():
    archive = opened(
        zip_bytes(
            {"__MACOSX/._a.wav": b"", ".DS_Store": b"", "Thumbs.db": b"", "d/.hidden.wav": b"", "a.wav": b"1"}
        )
    )
    assert read_all(archive) == {"a.wav": b"1"}


def test_archives_in_archives_are_not_opened():
    inner = zip_bytes({"a.wav": b"1"})
    assert read_all(opened(zip_bytes({"inner.zip": inner, "b.wav": b"2"}))) == {
        "inner.zip": "zip_nested",
        "b.wav": b"2",
    }


def test_a_bomb_is_not_unpacked():
    bomb = zip_bytes({"silence.wav": b"\0" * 2_000_000, "a.wav": b"1"})
    assert read_all(opened(bomb, ratio_from_bytes=1_000_000)) == {"silence.wav": "zip_ratio", "a.wav": b"1"}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"entries": 2}, "zip_entries"),
        ({"total_bytes": 2}, "zip_total"),
        ({"directory_bytes": 20}, "zip_entries"),
    ],
)
def test_limits(limits, code):
    with pytest.raises(Refused) as refused:
        opened(zip_bytes({"a.wav": b"1", "b.wav": b"2", "c.wav": b"3"}), **limits)
    assert refused.value.code == code


def test_an_archive_that_lies_about_its_sizes():
    content = bytearray(zip_bytes({"a.wav": b"\0" * 5_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(signature) + offset, 1000)
    assert read_all(opened(bytes(content), total_bytes=10_000)) == {"a.wav": "zip_broken"}


def test_an_encrypted_entry():
    content = bytearray(zip_bytes({"a.wav": b"1"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert read_all(opened(bytes(content))) == {"a.wav": "zip_encrypted"}


def test_an_unknown_compression():
    content = bytearray(zip_bytes({"a.wav": b"1"}))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + offset] = 99
    assert read_all(opened(bytes(content))) == {"a.wav": "zip_method"}


def test_damage_in_the_middle():
    content = bytearray(zip_bytes({"a.wav": wav_bytes()}, method=zipfile.ZIP_STORED))
    content[2000] ^= 0xFF
    assert read_all(opened(bytes(content))) == {"a.wav": "zip_broken"}


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"not a zip at all", zip_bytes({"a.wav": b"1"})[:-10]]
)
def test_what_is_no_archive(content):
    with pytest.raises(Refused) as refused:
        opened(content)
    assert refused.value.code == "zip_broken"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damage_gives_content_or_a_reason(data):
    content = bytearray(zip_bytes({"a.wav": b"12345" * 20, "b/c.wav": b"x"}))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_all(opened(bytes(content)))
    except Refused as refused:
        assert refused.code.startswith("zip_")
