"""What a file, a model or a kill does to the child never reaches the process that asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from shengce.speech.child import Child
from shengce.speech.errors import AudioError
from shengce.speech.limits import Limits
from shengce.speech.recognise import Recogniser, recognise_file

from .test_decode import write_wav
from .tiny_models import build

pytestmark = pytest.mark.speech


def is_gone(pid: int) -> bool:
    """Not even a zombie is left: it was waited for."""
    return not Path(f"/proc/{pid}").exists()


def children() -> set[int]:
    found = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


def test_one_warm_child_serves_many_and_close_drops_it(samples: Path) -> None:
    with Recogniser() as recogniser:
        assert recogniser.child_pid is None
        recogniser.recognise(samples / "1_f4_tel.wav")
        first = recogniser.child_pid
        recogniser.recognise(samples / "3_f5_clean.wav")
        assert first is not None and recogniser.child_pid == first
    assert is_gone(first)


def test_a_child_is_replaced_after_its_jobs(samples: Path) -> None:
    with Recogniser(jobs_per_child=1) as recogniser:
        recogniser.recognise(samples / "1_f4_tel.wav")
        first = recogniser.child_pid
        recogniser.recognise(samples / "1_f4_tel.wav")
        assert first is not None and recogniser.child_pid != first and is_gone(first)


@pytest.mark.kill
def test_kill_in_mid_job_costs_that_job_only(long_call: Path, samples: Path) -> None:
    with Recogniser() as recogniser:
        killed: list[int] = []

        def kill(stage: str, done: float) -> None:
            pid = recogniser.child_pid
            if stage == "recognise" and pid and not killed:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)

        with pytest.raises(AudioError) as caught:
            recogniser.recognise(long_call, progress=kill)
        assert caught.value.code == "crashed" and "-9" in caught.value.detail
        assert killed and is_gone(killed[0])
        assert recogniser.recognise(samples / "3_f5_clean.wav").transcript.text
        assert recogniser.child_pid not in killed


def test_a_file_that_is_no_network_costs_one_child(tmp_path: Path, samples: Path) -> None:
    """The hashes agree, so the library is really given the file; it ends its process."""
    model = build("zipformer_ctc", tmp_path / "model")
    (model / "model.onnx").write_bytes(b"this is no network" * 100)
    from shengce.speech.models.card import ModelCard

    ModelCard.read(model).refreshed(model).write(model)
    before = children()
    with Recogniser(model_dir=model) as recogniser:
        with pytest.raises(AudioError) as caught:
            recogniser.recognise(samples / "3_f5_clean.wav")
        assert caught.value.code == "crashed"
        assert caught.value.detail
        # The same recogniser recovers when the model is mended.
        build("zipformer_ctc", model)
        assert recogniser.recognise(samples / "3_f5_clean.wav").transcript.text
    assert children() <= before


def test_time_limit(long_call: Path) -> None:
    with Recogniser(limits=Limits(wall_s=0.05)) as recogniser:
        with pytest.raises(AudioError) as caught:
            recogniser.recognise(long_call)
        assert caught.value.code == "timeout"
        assert recogniser.child_pid is None


def test_no_progress_is_noticed(long_call: Path) -> None:
    """A stopped process says nothing and does not end: only the stall limit helps."""
    with Recogniser(limits=Limits(stall_s=1.0)) as recogniser:

        def stop(stage: str, done: float) -> None:
            pid = recogniser.child_pid
            if pid and stage == "recognise":
                os.kill(pid, signal.SIGSTOP)

        with pytest.raises(AudioError) as caught:
            recogniser.recognise(long_call, progress=stop)
        assert caught.value.code == "stalled"


@pytest.mark.parametrize("megabytes", [10, 40, 70])
def test_memory_limit(megabytes: int, long_call: Path) -> None:
    with pytest.raises(AudioError) as caught:
        recognise_file(long_call, limits=Limits(memory_bytes=megabytes * 1_000_000))
    assert caught.value.code == "memory"
    assert str(megabytes) in caught.value.message


def test_cancelling_by_the_beat(long_call: Path) -> None:
    beats = 0

    def beat() -> bool:
        nonlocal beats
        beats += 1
        return beats > 1

    before = children()
    with pytest.raises(AudioError) as caught:
        recognise_file(long_call, beat=beat)
    assert caught.value.code == "cancelled"
    assert children() <= before


def test_a_beat_that_raises_ends_the_child_and_comes_through(long_call: Path) -> None:
    def lost() -> None:
        raise LookupError("the lease is lost")

    before = children()
    with pytest.raises(LookupError, match="lease"):
        recognise_file(long_call, beat=lost)
    assert children() <= before


def test_works_from_a_thread_and_two_callers_share_one_child(samples: Path) -> None:
    texts: dict[str, str] = {}
    with Recogniser() as recogniser:

        def work(name: str) -> None:
            texts[name] = recogniser.recognise(samples / name).transcript.text

        names = ["1_f4_tel.wav", "3_f5_clean.wav"]
        threads = [threading.Thread(target=work, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [texts[name] for name in names] == [
            recogniser.recognise(samples / name).transcript.text for name in names
        ]


def test_the_child_ends_when_its_parent_is_killed(long_call: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from shengce.speech.recognise import Recogniser\n"
        "r = Recogniser()\n"
        "def die(stage, done):\n"
        "    if stage == 'recognise':\n"
        "        print(r.child_pid, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "r.recognise(Path(sys.argv[1]), progress=die)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(long_call)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    orphan = int(done.stdout.split()[0])
    # It is nobody's child here, so it cannot be waited for; a poll of the process table is all there is.
    waiting = threading.Event()
    for _ in range(200):
        if is_gone(orphan) or " Z " in Path(f"/proc/{orphan}/stat").read_text():
            return
        waiting.wait(0.05)
    pytest.fail("the child outlived its parent")


def test_a_library_that_prints_cannot_spoil_the_protocol(samples: Path) -> None:
    child = Child()
    try:
        result = child.call(
            "probe", {"path": str(samples / "1_f4_tel.wav"), "limits": Limits().to_json()}, limits=Limits()
        )
        assert result["codec"].startswith("pcm")
        # Descriptor 1 of the child is its standard error, so nothing printed can reach the pipe.
        fds = Path(f"/proc/{child.pid}/fd")
        assert (fds / "1").readlink() == (fds / "2").readlink()
    finally:
        child.close()


def test_unknown_job_is_an_error_not_a_hang() -> None:
    child = Child()
    try:
        with pytest.raises(AudioError) as caught:
            child.call("no such job", {}, limits=Limits())
        assert caught.value.code == "crashed"
    finally:
        child.close()


@pytest.fixture(scope="module")
def long_call(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Ten minutes of two people who take turns, so that there is time to interrupt."""
    from shengce.speech.decode import Decoder

    voices = []
    for name in ("0_m3_clean.wav", "3_f5_clean.wav"):
        with Decoder(samples / name) as decoder:
            voices.append(np.concatenate(list(decoder.blocks()), axis=1)[0])
    turn = np.zeros((16_000 * 8, 2))
    turn[: len(voices[0]), 0] = voices[0]
    turn[16_000 * 5 : 16_000 * 5 + len(voices[1]), 1] = voices[1]
    return write_wav(tmp_path_factory.mktemp("long") / "call.wav", np.tile(turn, (75, 1)))
