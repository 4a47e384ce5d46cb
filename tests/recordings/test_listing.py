"""The list: filter, order, live progress, a fixed number of queries, and nothing outside one's scope."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.recordings import files
from shengce.recordings.actions import receive_recording
from shengce.recordings.models import Recording
from shengce.recordings.queries import PAGE_SIZE, SORTS, Filter, recording_page
from tests.recordings.making import add_conversation, wav_bytes


def receive(name: str, seed: int, *, by, **options) -> Recording:
    return receive_recording(file=io.BytesIO(wav_bytes(seed, 0.01)), name=name, by=by, **options).recording


@pytest.fixture
def several(world) -> list[Recording]:
    made = [receive(f"13812340001_2026110{n}093015.wav", n, by=world.rep_a1) for n in range(1, 4)]
    made.append(receive("other.wav", 9, by=world.rep_a2))
    made.append(receive("team b.wav", 10, by=world.rep_b1))
    return made


def names(user, **asked) -> list[str]:
    return [row.name for row in recording_page(user, Filter(**asked)).rows]


def test_everyone_sees_their_own(world, several):
    assert len(names(world.rep_a1)) == 3
    assert names(world.rep_a2) == ["other.wav"]
    assert len(names(world.manager_a)) == 4
    assert names(world.manager_b) == ["team b.wav"]
    for user in (world.inspector, world.executive, world.administrator):
        assert len(names(user)) == 5
    assert names(world.marketing) == []


def test_filters(world, several):
    Recording.objects.filter(pk=several[0].pk).update(
        status="failed", received_at=timezone.now() - timedelta(days=3)
    )
    today = timezone.localdate()
    assert names(world.manager_a, status="failed") == [several[0].name]
    assert names(world.manager_a, rep=world.rep_a2.pk) == ["other.wav"]
    assert names(world.manager_a, text="OTHER") == ["other.wav"]
    assert len(names(world.manager_a, text="云海")) == 3
    assert len(names(world.manager_a, text="1381234")) == 3
    assert names(world.manager_a, end_on=today - timedelta(days=2)) == [several[0].name]
    assert len(names(world.manager_a, start_on=today)) == 3
    assert names(world.manager_a, text="nothing") == []


@pytest.mark.parametrize("sort", [sign + key for key in SORTS for sign in ("", "-")])
def test_orders(world, several, sort):
    found = names(world.manager_a, sort=sort)
    assert len(found) == 4
    if sort.endswith("name"):
        assert found == sorted(found, reverse=sort.startswith("-"))


def test_pages(world):
    for number in range(PAGE_SIZE + 2):
        receive(f"{number:03}.wav", number + 1, by=world.rep_a1)
    first = recording_page(world.rep_a1, Filter(sort="name"))
    second = recording_page(world.rep_a1, Filter(sort="name"), page=2)
    assert (len(first.rows), first.has_next, len(second.rows), second.has_next) == (PAGE_SIZE, True, 2, False)
    assert len(first.under_way) == PAGE_SIZE


def test_the_number_of_queries_does_not_grow(world, client):
    from django.db import connection

    client.force_login(world.manager_a)
    counts = []
    for rows in (2, 25):
        for number in range(rows):
            add_conversation(
                receive(f"{rows}-{number}.wav", rows * 100 + number, by=world.rep_a1), ("ch0", "rep", "好")
            )
        client.get("/recordings/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/recordings/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_rows_under_way_refresh_themselves(world, client, several):
    client.force_login(world.rep_a1)
    Recording.objects.filter(pk=several[0].pk).update(status="done")
    Recording.objects.filter(pk=several[1].pk).update(status="running", progress=42)
    page = client.get("/recordings/").content.decode()
    assert f"id={several[1].pk}" in page and f"id={several[0].pk}" not in page
    ids = "&".join(f"id={r.pk}" for r in several)
    answer = client.get(f"/recordings/progress/?{ids}").content.decode()
    assert f'id="recording-{several[1].pk}" hx-swap-oob="true"' in answer and 'value="42"' in answer
    assert f"recording-{several[4].pk}" not in answer  # another team's
    Recording.objects.update(status="done")
    assert "hx-trigger" not in client.get(f"/recordings/progress/?{ids}").content.decode()


def test_an_empty_list_says_what_to_do(world, client):
    client.force_login(world.rep_a1)
    assert "/recordings/upload/" in client.get("/recordings/").content.decode()


QUERIES = (
    "status=nonsense&rep=x&from=never&to=9999-12-31&sort=;drop&page=-1",
    "page=99999999999999999999&rep=99999999999999999999",
    "from=0001-01-01&to=0001-01-01",
    "q=%00%ff%ed%a0%80",
    "q=" + "x" * 3000,
    "page=" + "9" * 30,
)


@pytest.mark.parametrize("query", QUERIES)
def test_hostile_addresses(world, client, several, query):
    client.force_login(world.manager_a)
    assert client.get(f"/recordings/?{query}").status_code == 200
    assert (
        client.get(f"/recordings/progress/?{query}&id=x&id=-1&id=99999999999999999999999").status_code == 200
    )


def test_naughty_searches(world, client, several, naughty_strings):
    client.force_login(world.manager_a)
    for text in naughty_strings[::20]:
        assert client.get("/recordings/", {"q": text}).status_code == 200


ROUTES = (
    ("get", ""),
    ("get", "audio/"),
    ("head", "audio/"),
    ("get", "peaks/"),
    ("post", "retry/"),
    ("post", "link/"),
)


@pytest.mark.parametrize(("method", "tail"), ROUTES)
def test_outsiders_find_nothing(world, client, several, method, tail):
    recording = several[0]
    files.write(files.peaks_key(recording), b"x")
    address = f"/recordings/{recording.pk}/{tail}"
    assert getattr(client, method)(address).status_code == 302
    for user in (world.rep_a2, world.rep_b1, world.manager_b):
        client.force_login(user)
        assert getattr(client, method)(address).status_code == 404, user
    client.force_login(world.marketing)
    assert getattr(client, method)(address).status_code in (403, 404)
    client.force_login(world.rep_a1)
    assert getattr(client, method)(address).status_code in (200, 302, 422)
    recording.refresh_from_db()
    assert (recording.rep, recording.customer) == (world.rep_a1, world.customer_a)


def test_the_administrator_sees_but_does_not_hear(world, client, several):
    client.force_login(world.administrator)
    assert client.get(f"/recordings/{several[0].pk}/").status_code == 200
    assert client.get(f"/recordings/{several[0].pk}/audio/").status_code == 403


def test_a_recording_s_page_says_why(world, client, several):
    client.force_login(world.rep_a1)
    Recording.objects.filter(pk=several[0].pk).update(
        status="refused",
        error_code="unsupported_codec",
        error_details={"codec": "silk_v3"},
        details={"warnings": ["cut_off"]},
    )
    page = client.get(f"/recordings/{several[0].pk}/").content.decode()
    assert "silk_v3" in page
    assert client.post(f"/recordings/{several[0].pk}/retry/").status_code == 302
    assert Recording.objects.get(pk=several[0].pk).status == "waiting"
    assert client.get("/recordings/999999999999/").status_code == 404


def test_linking_over_the_page(world, client, several):
    recording = several[3]
    client.force_login(world.manager_a)
    address = f"/recordings/{recording.pk}/link/"
    for data, status in (
        ({"rep": world.rep_b1.pk}, 422),
        ({"customer": "松岭学校"}, 422),
        ({"customer": "x" * 1000}, 422),
        ({"started_at": "0001-01-01T00:00"}, 422),
        ({"started_at": "nonsense", "direction": "up"}, 422),
        (
            {"customer": "云海", "rep": world.rep_a1.pk, "direction": "in", "started_at": "2026-11-02T09:30"},
            302,
        ),
    ):
        assert client.post(address, data).status_code == status, data
    recording.refresh_from_db()
    assert (recording.customer, recording.rep, recording.direction) == (world.customer_a, world.rep_a1, "in")
    assert timezone.localtime(recording.started_at).hour == 9


def test_everything_that_failed_is_run_again(world, client, several):
    Recording.objects.update(status="failed")
    client.force_login(world.manager_a)
    assert client.post("/recordings/retry-failed/").status_code == 302
    assert set(Recording.objects.filter(status="failed").values_list("name", flat=True)) == {"team b.wav"}
