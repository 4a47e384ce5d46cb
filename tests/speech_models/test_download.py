"""Fetching from a server that drops, lies, changes its mind or says nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.speech.models.download import Download, Patience, fetch
from shengce.speech.models.errors import MESSAGES, ModelError

from .conftest import (
    HASTE,
    Handler,
    ModelServer,
    Plan,
    answer,
    drop_after,
    hang_up,
    noise,
    serve,
    sha256,
    without_ranges,
)


def wanted(server: ModelServer, folder: Path, *, known: bool = True) -> Download:
    return Download(
        address=f"{server.mirror}/模型.bin".replace("模型", "%E6%A8%A1"),
        target=folder / "模型.bin",
        size_bytes=len(server.content) if known else None,
        sha256=sha256(server.content) if known else None,
    )


def no_pause(_: float) -> None: ...


def changed_to(content: bytes, plan: Plan = serve) -> Plan:
    """The file on the server becomes another one, with another ETag, before this answer."""

    def act(handler: Handler) -> None:
        handler.server.content, handler.server.etag = content, '"two"'
        plan(handler)

    return act


def wrong_range(handler: Handler) -> None:
    content = handler.server.content
    handler.head(206, length=10, Content_Range=f"bytes 5-14/{len(content)}")
    handler.body(content[5:15])


def without_length(handler: Handler) -> None:
    handler.head(200)
    handler.body(handler.server.content)


def too_much(handler: Handler) -> None:
    handler.head(200)
    handler.body(handler.server.content + b"more")


def redirect(handler: Handler) -> None:
    handler.head(302, length=0, Location=f"{handler.server.mirror}/elsewhere")


GOOD_IN_THE_END: dict[str, list[Plan]] = {
    "at once": [],
    "drops in mid-body": [drop_after(100_000), drop_after(50_000)],
    "drops with every answer": [drop_after(40_000)] * 5,
    "no answer, then good": [hang_up, hang_up],
    "ignores ranges": [drop_after(90_000), without_ranges],
    "ignores ranges and drops": [partial(without_ranges, most=90_000), partial(without_ranges, most=150_000)],
    "503 then 200": [answer(503), answer(503, Retry_After="0")],
    "429 with a long wait": [answer(429, Retry_After="86400")],
    "drops, then 500": [drop_after(90_000), answer(500)],
    "wrong range": [drop_after(90_000), wrong_range],
    "part refused": [drop_after(90_000), answer(416)],
    "no length": [without_length],
    "elsewhere": [redirect],
    "drops, then elsewhere": [drop_after(90_000), redirect],
}


@pytest.mark.parametrize("known", [True, False], ids=["checksum known", "checksum unknown"])
@pytest.mark.parametrize("plans", GOOD_IN_THE_END.values(), ids=GOOD_IN_THE_END.keys())
def test_arrives_whole_in_the_end(
    server: ModelServer, tmp_path: Path, plans: list[Plan], known: bool
) -> None:
    server.plans = list(plans)
    what = wanted(server, tmp_path, known=known)
    assert fetch(what, patience=HASTE, sleep=no_pause) == sha256(server.content)
    assert what.target.read_bytes() == server.content
    assert [path.name for path in tmp_path.iterdir()] == ["模型.bin"]


def test_more_than_expected_is_thrown_away(server: ModelServer, tmp_path: Path) -> None:
    server.plans = [too_much]
    fetch(wanted(server, tmp_path), patience=HASTE, sleep=no_pause)
    assert (tmp_path / "模型.bin").read_bytes() == server.content and len(server.requests) == 2


def test_what_arrived_is_not_fetched_again(server: ModelServer, tmp_path: Path) -> None:
    server.plans = [drop_after(100_000), drop_after(50_000)]
    fetch(wanted(server, tmp_path), patience=HASTE, sleep=no_pause)
    assert server.bytes_sent == len(server.content)
    asked = [headers.get("Range") for _, headers in server.requests]
    assert asked == [None, "bytes=100000-", "bytes=150000-"]
    assert server.requests[1][1]["If-Range"] == '"one"'


def test_any_number_of_drops_is_borne_while_bytes_come(server: ModelServer, tmp_path: Path) -> None:
    server.plans = [drop_after(10_000)] * 20
    fetch(wanted(server, tmp_path), patience=HASTE, sleep=no_pause)
    assert len(server.requests) == 21 and server.bytes_sent == len(server.content)


def test_another_process_goes_on(server: ModelServer, tmp_path: Path) -> None:
    server.plans = [drop_after(100_000), *[hang_up] * 6]
    with pytest.raises(ModelError) as caught:
        fetch(wanted(server, tmp_path), patience=HASTE, sleep=no_pause)
    assert (caught.value.code, caught.value.facts["bytes_kept"]) == ("broken_off", 100_000)
    server.plans.clear()
    fetch(wanted(server, tmp_path), patience=HASTE, sleep=no_pause)
    assert server.bytes_sent == len(server.content)


@pytest.mark.parametrize("known", [True, False])
def test_file_changed_between_tries(server: ModelServer, tmp_path: Path, known: bool) -> None:
    new = noise(300_000, 7)
    server.plans = [drop_after(100_000), changed_to(new)]
    what = wanted(server, tmp_path, known=False)
    what = replace(what, sha256=sha256(new), size_bytes=None) if known else what
    assert fetch(what, patience=HASTE, sleep=no_pause) == sha256(new)


def test_file_changed_and_nothing_tells_but_the_checksum(server: ModelServer, tmp_path: Path) -> None:
    new = noise(len(server.content), 7)
    server.etag = ""

    def swap(handler: Handler) -> None:
        handler.server.content = new
        serve(handler)

    server.plans = [drop_after(100_000), swap]
    what = replace(wanted(server, tmp_path), sha256=sha256(new))
    assert fetch(what, patience=HASTE, sleep=no_pause) == sha256(new)
    assert server.requests[-1][1].get("Range") is None


def test_without_any_proof_of_sameness_it_starts_over(server: ModelServer, tmp_path: Path) -> None:
    server.etag = ""
    server.plans = [drop_after(100_000)]
    fetch(wanted(server, tmp_path, known=False), patience=HASTE, sleep=no_pause)
    assert all("Range" not in headers for _, headers in server.requests)


def dribble(handler: Handler) -> None:
    handler.head(200, length=len(handler.server.content))
    until = threading.Event()
    for position in range(200):
        handler.body(handler.server.content[position : position + 1])
        if until.wait(0.005):
            return


HOPELESS: dict[str, tuple[list[Plan], str]] = {
    "not there": ([answer(404)], "not_found"),
    "gone": ([answer(410)], "not_found"),
    "forbidden": ([answer(403)], "refused"),
    "always too little": ([drop_after(10)] * 6, "broken_off"),
    "always too slow": ([dribble] * 6, "broken_off"),
    "always 503": ([answer(503)] * 6, "broken_off"),
    "never an answer": ([hang_up] * 6, "no_network"),
    "empty success": ([answer(204)], "bad_answer"),
    "compressed unasked": ([answer(200, Content_Encoding="gzip")], "bad_answer"),
    "another file": ([changed_to(b"<html>please sign in</html>")], "wrong_size"),
    "another file of that size": ([changed_to(noise(200_000, 9))], "wrong_size"),
}


@pytest.mark.parametrize(("plans", "code"), HOPELESS.values(), ids=HOPELESS.keys())
def test_gives_up_with_a_reason(server: ModelServer, tmp_path: Path, plans: list[Plan], code: str) -> None:
    server.plans = list(plans)
    patience = replace(HASTE, stall_window_s=0.05, stall_bytes=1000)
    with pytest.raises(ModelError) as caught:
        fetch(wanted(server, tmp_path), patience=patience, sleep=no_pause)
    assert caught.value.code == code
    assert not (tmp_path / "模型.bin").exists()
    for language in ("zh-hans", "en"):
        assert "{" not in caught.value.text(language)


def test_wrong_hash_is_refused_and_not_kept(server: ModelServer, tmp_path: Path) -> None:
    what = replace(wanted(server, tmp_path), sha256="0" * 64)
    with pytest.raises(ModelError, match="SHA-256"):
        fetch(what, patience=HASTE, sleep=no_pause)
    assert list(tmp_path.iterdir()) == []


def test_silent_server_is_left_after_the_timeout(server: ModelServer, tmp_path: Path) -> None:
    release = threading.Event()

    def silent(handler: Handler) -> None:
        handler.head(200, length=len(handler.server.content))
        release.wait(30)

    server.plans = [silent]
    fetch(wanted(server, tmp_path), patience=replace(HASTE, timeout_s=0.2), sleep=no_pause)
    release.set()
    assert len(server.requests) == 2


def test_pauses_grow_and_are_bounded(server: ModelServer, tmp_path: Path) -> None:
    server.plans = [answer(503)] * 4 + [answer(503, Retry_After="7")]
    pauses: list[float] = []
    patience = Patience(failures=6, backoff_s=1, backoff_max_s=5)
    fetch(wanted(server, tmp_path), patience=patience, sleep=pauses.append)
    assert pauses == [1, 2, 4, 5, 5]


def test_full_disk_is_refused_before_the_first_byte(server: ModelServer, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        fetch(wanted(server, tmp_path), patience=HASTE, free=lambda _: 100_000, room_factor=3)
    assert caught.value.code == "disk_full"
    assert server.requests == []


def test_full_disk_is_seen_when_the_server_tells_the_size(server: ModelServer, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        fetch(wanted(server, tmp_path, known=False), patience=HASTE, free=lambda _: 100_000)
    assert caught.value.code == "disk_full"
    assert server.requests != [] and not (tmp_path / "模型.bin").exists()


def test_progress_never_goes_back_while_ranges_work(server: ModelServer, tmp_path: Path) -> None:
    server.plans = [drop_after(100_000), drop_after(50_000)]
    seen: list[tuple[int, int | None]] = []
    fetch(wanted(server, tmp_path), patience=HASTE, sleep=no_pause, progress=lambda *step: seen.append(step))
    assert seen == sorted(seen) and seen[-1] == (len(server.content), len(server.content))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://host/x", "host/x", ""])
def test_only_http(address: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        fetch(Download(address=address, target=tmp_path / "x"))
    assert caught.value.code == "bad_address"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(st.integers(0, 260_000), st.sampled_from(["hang", "503", "whole", "416"])), max_size=5
    )
)
def test_any_misbehaviour_ends_with_the_right_bytes(
    server: ModelServer, tmp_path: Path, steps: list[int | str]
) -> None:
    named: dict[str, Plan] = {
        "hang": hang_up,
        "503": answer(503),
        "whole": partial(without_ranges, most=70_000),
        "416": answer(416),
    }
    server.plans = [named[step] if isinstance(step, str) else drop_after(step) for step in steps]
    patience = replace(HASTE, failures=9, unreachable=9)
    fetch(wanted(server, tmp_path), patience=patience, sleep=no_pause)
    assert (tmp_path / "模型.bin").read_bytes() == server.content


def test_every_reason_has_two_languages() -> None:
    for code, (english, chinese) in MESSAGES.items():
        assert english and chinese and english.isascii(), code
        assert any("一" <= character <= "鿿" for character in chinese), code
