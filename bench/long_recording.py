"""How much memory a three-hour call takes: the largest resident size that the child process ever had.

The call is one minute of opus, two channels, repeated 180 times at the level of packets: making it takes seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline import SAMPLES, find_recordings, write_call

from shengce.speech.recognise import Recogniser

BUDGET_MB = 1000
HOURS = 3


def measure(hours: float = HOURS) -> dict[str, Any]:
    """One row of the table of ``make bench``; the value is megabytes."""
    with tempfile.TemporaryDirectory() as scratch, Recogniser() as recogniser:
        call = write_long_call(Path(scratch), hours)
        if call is None:
            return {"name": "memory of a long call", "value": None, "unit": "MB", "ok": None}
        highest = 0.0

        def beat() -> None:
            nonlocal highest
            highest = max(highest, resident_mb(recogniser.child_pid))

        started = time.perf_counter()
        recognition = recogniser.recognise(call, beat=beat)
        took = time.perf_counter() - started
        beat()
    return {
        "name": "memory of a long call",
        "value": round(highest, 1),
        "unit": "MB",
        "reference": f"{recognition.duration_ms / 3_600_000:.2f} h, two channels, {took:.0f} s",
        "ratio": round(highest / BUDGET_MB, 3),
        "budget": BUDGET_MB,
        "ok": highest <= BUDGET_MB,
    }


def resident_mb(pid: int | None) -> float:
    """The largest resident size that a process has had so far (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) / 1000


def write_long_call(scratch: Path, hours: float) -> Path | None:
    """The packets of a short call over and over, with times that go on; None where there is nothing to begin with."""
    import av

    samples = sorted(SAMPLES.glob("*.wav"))
    short = (
        write_call(samples, scratch / "short.opus")
        if samples
        else next((f for f in find_recordings(scratch) if f.suffix == ".opus"), None)
    )
    if short is None:
        return None
    target = scratch / "long.opus"
    with av.open(str(target), "w") as out:
        stream = None
        offset = 0
        while offset < hours * 3600 * 48_000:
            with av.open(str(short)) as source:
                if stream is None:
                    stream = out.add_stream_from_template(source.streams.audio[0])
                end = 0
                for packet in source.demux(source.streams.audio[0]):
                    if packet.pts is None or not packet.size:
                        continue
                    end = max(end, packet.pts + (packet.duration or 960))
                    packet.pts = packet.dts = packet.pts + offset
                    packet.stream = stream
                    out.mux(packet)
            offset += max(end, 960)
    return target


if __name__ == "__main__":
    print(measure(float(sys.argv[1]) if len(sys.argv) > 1 else HOURS))
