"""Opus and mp3 through PyAV: to write the recordings, and to let training data sound as they do."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from .sound import Samples

CONTAINERS = {"opus": ("ogg", "libopus"), "mp3": ("mp3", "libmp3lame")}
OPUS_HZ = 48_000


def encode(samples: Samples, hz: int, codec: str, bit_rate: int) -> bytes:
    """(channels, samples) in [-1, 1] as an ``opus`` (in Ogg) or ``mp3`` file; the same sound gives the same bytes."""
    container, encoder = CONTAINERS[codec]
    layout = "stereo" if len(samples) == 2 else "mono"
    target = io.BytesIO()
    with av.open(target, "w", format=container, options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(encoder, rate=hz, layout=layout)
        stream.bit_rate = bit_rate
        if codec == "mp3":
            stream.codec_context.options = {
                "joint_stereo": "0"
            }  # or one side is heard on the other's channel
        whole = av.AudioFrame.from_ndarray((samples.T.reshape(1, -1) * 32767).astype(np.int16), "s16", layout)
        whole.sample_rate, whole.pts, whole.time_base = hz, 0, Fraction(1, hz)
        resampler = av.AudioResampler(
            stream.codec_context.format, layout, hz, stream.codec_context.frame_size or 960
        )
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return target.getvalue()


def decode(file: bytes | Path, hz: int) -> Samples:
    """The first channel of a sound file at this rate."""
    source = io.BytesIO(file) if isinstance(file, bytes) else str(file)
    with av.open(source) as container:
        resampler = av.AudioResampler("s16p", None, hz)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray()[0] for f in frames]).astype(np.float32) / 32768


def duration_ms(path: Path) -> int:
    """The length of a sound file by decoding it."""
    with av.open(str(path)) as container:
        return round(sum(1000 * Fraction(f.samples, f.sample_rate) for f in container.decode(audio=0)))
