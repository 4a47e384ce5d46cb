"""A copy of a recording that every browser plays and seeks in: AAC in MP4, made only where the original is neither.

The copy comes from the same decoder as the transcript, so its clock is the transcript's clock. All native work runs
in a child process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shengce.speech.child import Beat, Child, Progress
from shengce.speech.limits import Limits

BITS_PER_SECOND = 32_000
"""For each channel: speech at 16 kHz stays clear."""

PLAYABLE: dict[str, frozenset[str]] = {
    "wav": frozenset({"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le", "pcm_alaw", "pcm_mulaw"}),
    "mp3": frozenset({"mp3", "mp3float"}),
    "mp4": frozenset({"aac", "mp3", "mp3float"}),
    "ogg": frozenset({"opus", "libopus", "vorbis", "libvorbis", "flac"}),
    "flac": frozenset({"flac"}),
}
"""Container → codecs that browsers play and in which they find a second at once. Raw AAC and WebM as recorders
write it carry no index, so a browser guesses where a second lies."""


def is_playable(container: str, codec: str) -> bool:
    """Whether browsers play a recording as it is. ``container`` is a key of ``PLAYABLE``, ``codec`` FFmpeg's name."""
    return codec in PLAYABLE.get(container, frozenset())


def make_listening_copy(
    source: Path,
    target: Path,
    *,
    limits: Limits = Limits(),
    progress: Progress | None = None,
    beat: Beat | None = None,
) -> None:
    """Write the copy of ``source`` to ``target`` (an ``.m4a``). Raises ``AudioError``; then ``target`` may be partial."""
    request = {"path": str(source), "target": str(target), "limits": limits.to_json()}
    child = Child()
    try:
        child.call("listen", request, limits=limits, progress=progress, beat=beat)
    finally:
        child.close()


def transcode(request: dict[str, Any], report: Progress) -> dict[str, Any]:
    """Job: decode and write the copy. Request: path, target, limits. Runs in the child process."""
    import av
    import numpy as np

    from shengce.speech.decode import SAMPLE_RATE, Decoder

    limits = Limits.from_json(request["limits"])
    with Decoder(Path(request["path"]), limits=limits) as decoder:
        layout = "stereo" if decoder.channels == 2 else "mono"
        options = {"movflags": "+faststart"}  # the index first: playing begins before all is loaded
        with av.open(request["target"], "w", format="ipod", options=options) as output:
            stream = output.add_stream("aac", rate=SAMPLE_RATE, layout=layout)
            stream.bit_rate = BITS_PER_SECOND * decoder.channels
            position = 0
            for block in decoder.blocks():
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(block, dtype=np.float32), format="fltp", layout=layout
                )
                frame.sample_rate, frame.pts = SAMPLE_RATE, position
                position += block.shape[1]
                output.mux(stream.encode(frame))
                report("listen", decoder.share)
            output.mux(stream.encode(None))
        return {"duration_ms": decoder.decoded_ms}
