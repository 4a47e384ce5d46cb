"""Ranges as RFC 9110 has them, the copy for browsers, the picture, and who heard what."""

from __future__ import annotations

import io

import pytest
from django.utils import timezone

from shengce.people.models import AuditEntry
from shengce.recordings import files, playback
from shengce.recordings.actions import receive_recording
from shengce.recordings.listening import keep_listening_copy
from shengce.recordings.models import Recording
from tests.recordings.making import wav_bytes

CONTENT = wav_bytes(seconds=2)
SIZE = len(CONTENT)


@pytest.fixture
def recording(world) -> Recording:
    return receive_recording(file=io.BytesIO(CONTENT), name="通话 #1 😀.wav", by=world.rep_a1).recording


@pytest.fixture
def fetch(world, client, recording):
    client.force_login(world.rep_a1)

    def get(asked: str | None = None, **headers):
        sent = {k.replace("_", "-"): v for k, v in headers.items()} | ({"range": asked} if asked else {})
        return client.get(f"/recordings/{recording.pk}/audio/", headers=sent)

    return get


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole(fetch, recording):
    response = fetch()
    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Content-Type"] == "audio/wav"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Length"] == str(SIZE)
    assert response["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-", 0, SIZE),
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, SIZE),
        ("bytes=-100", SIZE - 100, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes=5-{SIZE * 2}", 5, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        ("bytes= 3 - 4 ", 3, 5),
    ],
)
def test_parts(fetch, asked, first, end):
    response = fetch(asked)
    assert (response.status_code, body(response)) == (206, CONTENT[first:end])
    assert response["Content-Range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert response["Content-Length"] == str(end - first)


@pytest.mark.parametrize(
    "asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0", "bytes=9999999999999999999-"]
)
def test_parts_that_are_not_there(fetch, asked):
    response = fetch(asked)
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    "asked", ["bytes=1-2,4-5", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "bytes=9-3", "0-5", "bytes=٣-٤"]
)
def test_what_is_not_one_range_is_none(fetch, asked):
    response = fetch(asked)
    assert (response.status_code, body(response)) == (200, CONTENT)


def test_a_part_has_a_largest_size(fetch, monkeypatch):
    monkeypatch.setattr(playback, "MOST_RANGE_BYTES", 1000)
    for asked, first in (("bytes=0-", 0), ("bytes=500-30000", 500), (f"bytes=-{SIZE - 7}", 7)):
        response = fetch(asked)
        assert body(response) == CONTENT[first : first + 1000]
        assert response["Content-Range"] == f"bytes {first}-{first + 999}/{SIZE}"


def test_a_player_that_walks_gets_every_byte(fetch, monkeypatch):
    monkeypatch.setattr(playback, "MOST_RANGE_BYTES", 777)
    got = b""
    while len(got) < SIZE:
        got += body(fetch(f"bytes={len(got)}-"))
    assert got == CONTENT


def test_conditions(fetch):
    etag = fetch()["ETag"]
    assert fetch(if_none_match=etag).status_code == 304
    assert fetch(if_none_match='"other"').status_code == 200
    assert fetch("bytes=0-9", if_range=etag).status_code == 206
    assert fetch("bytes=0-9", if_range='"other"').status_code == 200
    assert fetch("bytes=0-9", if_range="Tue, 24 Nov 2026 03:33:06 GMT").status_code == 200


def test_head_has_no_body_and_is_no_playing(world, client, recording):
    client.force_login(world.rep_a1)
    response = client.head(f"/recordings/{recording.pk}/audio/")
    assert (response.status_code, response["Content-Length"], response.content) == (200, str(SIZE), b"")
    assert not AuditEntry.objects.filter(action="recording.played").exists()
    assert client.post(f"/recordings/{recording.pk}/audio/").status_code == 405


def test_playing_is_noted_once_an_hour(fetch, world):
    for asked in ("bytes=500-", "bytes=-5"):
        body(fetch(asked))
    assert not AuditEntry.objects.filter(action="recording.played").exists()
    for asked in (None, "bytes=0-", "bytes=0-99"):
        body(fetch(asked))
    assert AuditEntry.objects.get(action="recording.played").by == world.rep_a1
    AuditEntry.objects.filter(action="recording.played").update(
        at=timezone.now() - playback.PLAYED_AGAIN_AFTER * 1.01
    )
    body(fetch("bytes=0-"))
    assert AuditEntry.objects.filter(action="recording.played").count() == 2


def test_behind_nginx_the_server_sends_the_bytes(fetch, settings, recording):
    settings.SHENGCE_X_ACCEL_PREFIX = "/protected/"
    response = fetch("bytes=0-9")
    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Accel-Redirect"] == f"/protected/{recording.file}"
    assert response["Content-Type"] == "audio/wav"


def test_lost_bytes_are_said(fetch, recording):
    files.local_path(recording.file).unlink()
    assert fetch().status_code == 404


def test_the_picture(world, client, recording):
    client.force_login(world.rep_a1)
    address = f"/recordings/{recording.pk}/peaks/"
    assert client.get(address).status_code == 404
    files.write(files.peaks_key(recording), b"\x0a\x00")
    response = client.get(address)
    assert (body(response), response["Content-Type"]) == (b"\x0a\x00", "application/octet-stream")
    assert client.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304


@pytest.mark.speech
@pytest.mark.parametrize(
    ("name", "codec", "needed"),
    [
        ("noise_amrnb.amr", "amrnb", True),
        ("noise_amrnb.3gp", "amrnb", True),
        ("gsm_ms_8k.wav", "gsm_ms", True),
        ("ima_adpcm_8k.wav", "adpcm_ima_wav", True),
        ("voice.spx", "libspeex", True),
        ("voice.aac", "aac", True),
        ("voice.webm", "opus", True),
        ("voice.m4a", "aac", False),
        ("voice.opus", "opus", False),
        ("ulaw_8k.wav", "pcm_mulaw", False),
        ("录音 2026-08-14 王总(第2次)#1.mp3", "mp3float", False),
    ],
)
def test_a_copy_is_made_only_for_what_browsers_cannot_play(world, client, audio_made, name, codec, needed):
    import av

    content = (audio_made / name).read_bytes()
    made = receive_recording(file=io.BytesIO(content), name=name, by=world.rep_a1).recording
    assert keep_listening_copy(made, codec=codec) is needed
    assert keep_listening_copy(made, codec=codec) is needed  # and again, from what is there
    client.force_login(world.rep_a1)
    response = client.get(f"/recordings/{made.pk}/audio/")
    if not needed:
        assert body(response) == content
        return
    assert response["Content-Type"] == "audio/mp4"
    with av.open(io.BytesIO(body(response))) as copy:
        heard = copy.streams.audio[0]
        assert heard.codec_context.name == "aac"
        length_s = float(heard.duration * heard.time_base)
    rows = dict(line.split("\t")[::2] for line in (audio_made / "EXPECT.tsv").read_text().splitlines())
    assert length_s == pytest.approx(int(rows[name]) / 32_000, abs=0.1)
