"""The upload over HTTP: many files, lists, archives; every file gets an answer, nothing ends in a 500."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from shengce.recordings.models import Recording
from tests.recordings.making import upload_of, wav_bytes, zip_bytes

UPLOAD = "/recordings/upload/"


@pytest.fixture
def rep_client(world, client) -> Client:
    client.force_login(world.rep_a1)
    return client


def send(client, *files, path=None, sidecars=(), **fields):
    data = {
        "files": [upload_of(*file) for file in files],
        "sidecars": [upload_of(*s) for s in sidecars],
        **fields,
    }
    if path is not None:
        data["path"] = path
    return client.post(UPLOAD, data, headers={"accept": "application/json"})


def states(response) -> dict[str, str]:
    return {answer["name"]: answer["code"] or answer["state"] for answer in response.json()["files"]}


def test_each_file_gets_its_answer(rep_client):
    first = send(
        rep_client,
        ("a.wav", wav_bytes(1)),
        ("b.wav", wav_bytes(2)),
        ("copy.wav", wav_bytes(1)),
        ("empty.wav", b""),
    )
    assert first.status_code == 200
    assert states(first) == {
        "a.wav": "received",
        "b.wav": "received",
        "copy.wav": "duplicate",
        "empty.wav": "empty",
    }
    assert all(answer["message"] for answer in first.json()["files"])
    recording = Recording.objects.get(name="a.wav")
    assert first.json()["files"][0]["url"] == reverse("recordings:recording", args=[recording.pk])
    assert list(Path(django_settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def test_all_refused_is_told_by_the_status(rep_client, settings):
    assert send(rep_client, ("empty.wav", b"")).status_code == 422
    assert states(send(rep_client)) == {"": "no_file"}
    settings.SHENGCE_MAX_FILE_BYTES = 1000
    large = send(rep_client, ("big.wav", wav_bytes()))
    assert (large.status_code, states(large)) == (413, {"big.wav": "too_large"})
    settings.SHENGCE_MIN_FREE_BYTES = 10**18
    full = send(rep_client, ("a.wav", wav_bytes()), ("b.wav", wav_bytes(2)))
    assert (full.status_code, states(full)) == (507, {"a.wav": "disk_full", "b.wav": "disk_full"})
    assert not Recording.objects.exists()
    assert list(Path(django_settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def test_a_list_that_comes_along_is_used(rep_client, world):
    sidecar = ("list.csv", "文件名,号码,呼叫方向\nday1/a.wav,13812340001,呼出\n".encode("gb18030"))
    response = send(rep_client, ("a.wav", wav_bytes()), path="day1/a.wav", sidecars=[sidecar])
    assert states(response) == {"day1/a.wav": "received"}
    recording = Recording.objects.get()
    assert (recording.name, recording.customer, recording.direction) == ("a.wav", world.customer_a, "out")


def test_a_list_among_the_files_is_read_first(rep_client, world):
    response = send(
        rep_client, ("a.wav", wav_bytes()), ("z.csv", "文件名,号码\na.wav,13812340001\n".encode())
    )
    assert states(response) == {"z.csv": "list", "a.wav": "received"}
    assert Recording.objects.get().customer == world.customer_a


def test_a_list_with_wrong_columns_does_not_keep_the_recordings_out(rep_client):
    response = send(rep_client, ("a.wav", wav_bytes()), ("z.csv", "甲,乙\n1,2\n".encode()))
    assert states(response) == {"z.csv": "sidecar_useless", "a.wav": "received"}
    assert "甲" in response.json()["files"][0]["message"]


def test_an_archive_gives_an_answer_for_each_part(rep_client, world):
    content = zip_bytes(
        {
            "通话/a.wav": wav_bytes(1),
            "通话/b.wav": wav_bytes(2),
            "calls.csv": "文件名,号码\na.wav,13812340001\n".encode(),
            "inner.zip": zip_bytes({"c.wav": b"1"}),
            "notes.txt": b"hello",
            "__MACOSX/._a.wav": b"x",
        }
    )
    response = send(rep_client, ("day.zip", content))
    assert states(response) == {
        "day.zip › calls.csv": "list",
        "day.zip › 通话/a.wav": "received",
        "day.zip › 通话/b.wav": "received",
        "day.zip › inner.zip": "zip_nested",
        "day.zip › notes.txt": "not_audio",
    }
    assert Recording.objects.get(name="a.wav").customer == world.customer_a
    assert states(send(rep_client, ("empty.zip", zip_bytes({})))) == {"empty.zip": "zip_empty"}
    assert states(send(rep_client, ("broken.zip", content[:200]))) == {"broken.zip": "zip_broken"}


def test_the_made_audio_is_all_taken_or_refused_with_a_reason(rep_client, audio_made):
    files = [
        (p.name, p.read_bytes()) for p in sorted(audio_made.iterdir()) if p.suffix not in (".tsv", ".txt")
    ]
    answers = states(send(rep_client, *files))
    assert len(answers) == len(files)
    assert {name: state for name, state in answers.items() if state not in ("received", "duplicate")} == {
        "zero_bytes.wav": "empty"
    }
    assert Recording.objects.count() == len({content for _name, content in files}) - 1
    assert "录音 2026-08-14 王总(第2次)#1.mp3" in answers


def test_without_javascript_the_page_says_what_became_of_each_file(rep_client):
    response = rep_client.post(UPLOAD, {"files": [upload_of("a.wav", wav_bytes()), upload_of("e.wav", b"")]})
    assert response.status_code == 200
    text = response.content.decode()
    assert "a.wav" in text and "e.wav" in text
    assert rep_client.get(UPLOAD).status_code == 200


def test_a_manager_uploads_for_a_rep_of_the_team_only(world, client):
    client.force_login(world.manager_a)
    send(client, ("a.wav", wav_bytes(1)), rep=world.rep_a2.pk)
    assert Recording.objects.get().rep == world.rep_a2
    send(client, ("b.wav", wav_bytes(2)), rep=world.rep_b1.pk)
    assert Recording.objects.get(name="b.wav").rep is None


def test_who_may_not_upload(world, client):
    assert send(client, ("a.wav", wav_bytes())).status_code == 302
    for user in (world.inspector, world.executive, world.marketing):
        client.force_login(user)
        assert send(client, ("a.wav", wav_bytes())).status_code == 403
        assert client.get(UPLOAD).status_code == 403
    assert not Recording.objects.exists()


def test_nobody_unknown_fills_the_disk(settings, db):
    seen = []
    from shengce.recordings import uploading

    class Watching(uploading.GuardedUploadHandler):
        def receive_data_chunk(self, raw_data, start):
            seen.append(len(raw_data))
            return super().receive_data_chunk(raw_data, start)

    uploading.Watching = Watching
    settings.FILE_UPLOAD_HANDLERS = ["shengce.recordings.uploading.Watching"]
    stranger = Client(enforce_csrf_checks=True)
    stranger.post(UPLOAD, {"files": [upload_of("a.wav", b"x" * 100_000)]})
    assert seen == []


HOSTILE = (
    {"path": "x" * 100_000},
    {"path": ["a", "b", "c"]},
    {"path": "../../../../etc/passwd"},
    {"rep": "999999999999999999999999"},
    {"rep": "'; drop table"},
    {"rep": ["1", "2"]},
    {"from_stage": "\x00"},
)


@pytest.mark.parametrize("fields", HOSTILE)
def test_hostile_fields_are_never_an_error_of_the_server(rep_client, fields):
    assert send(rep_client, ("a.wav", wav_bytes()), **fields).status_code < 500


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=files; filename=a.wav\r\n\r\nabc"),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + b"\xff" * 50 + b'"\r\n\r\nx\r\n--x--\r\n'),
        ("application/json", b"{}"),
        ("text/plain", b"\x00" * 100),
    ],
)  # fmt: skip
def test_broken_bodies_are_never_an_error_of_the_server(rep_client, content_type, body):
    assert rep_client.generic("POST", UPLOAD, body, content_type=content_type).status_code < 500


def test_naughty_names_over_http(rep_client, naughty_strings):
    for number, text in enumerate(naughty_strings[::20]):
        response = send(rep_client, (f"{text}.wav", wav_bytes(number + 10, 0.01)), path=f"{text}.wav")
        assert response.status_code in (200, 422), text
