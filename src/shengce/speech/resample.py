"""Decoded frames of any rate and form in, arrays at 16 kHz out, about a second at a time.

Codecs give frames of 20 ms: gathering them first spares fifty calls a second. The filter is shorter than FFmpeg's
own default, which takes as long as decoding itself and cannot be told from this one by a recogniser.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import av.error
import av.filter
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
FILTER_SIZE = 16
MOST_MIXED = 64
"""FFmpeg's filter knows no more channels."""


def _mixing(channels: int) -> tuple[str, str]:
    """The filter that mixes more than two channels into one, every one with the same share.

    FFmpeg by itself would take the third for the bass loudspeaker of a cinema, and leave out who speaks there. The
    shares keep the energy, because a voice that is in one microphone of eight must not become eight times quieter.
    """
    if 2 < channels <= MOST_MIXED:
        share = channels**-0.5
        return "pan", "mono|c0=" + "+".join(f"{share:.4f}*c{number}" for number in range(channels))
    return "anull", ""


class Resampler:
    """For frames of one rate, layout and format. A frame of another kind raises ``ValueError`` in ``push``."""

    def __init__(self, frame: Any, *, channels: int) -> None:
        self._gather = frame.sample_rate
        self._gathered = 0
        self._fifo = av.AudioFifo()
        graph = av.filter.Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format.name,
            layout=frame.layout.name,
            time_base=Fraction(1, frame.sample_rate),
        )
        mix = graph.add(*_mixing(len(frame.layout.channels)))
        resample = graph.add("aresample", f"{SAMPLE_RATE}:osf=fltp:filter_size={FILTER_SIZE}")
        layout = "stereo" if channels == 2 else "mono"
        shape = graph.add("aformat", f"sample_fmts=fltp:channel_layouts={layout}:sample_rates={SAMPLE_RATE}")
        sink = graph.add("abuffersink")
        source.link_to(resample)
        resample.link_to(mix)
        mix.link_to(shape)
        shape.link_to(sink)
        graph.configure()
        self._graph = graph

    def push(self, frame: Any) -> Sequence[NDArray[np.float32]]:
        """Arrays of shape (channels, n) that are ready after this frame: most often none."""
        frame.pts = None
        self._fifo.write(frame)
        self._gathered += frame.samples
        if self._gathered < self._gather:
            return ()
        self._gathered = 0
        self._graph.push(self._fifo.read())
        return self._pull()

    def finish(self) -> Sequence[NDArray[np.float32]]:
        """What is still inside."""
        if self._fifo.samples:
            self._graph.push(self._fifo.read())
        self._graph.push(None)
        return self._pull()

    def _pull(self) -> list[NDArray[np.float32]]:
        ready: list[NDArray[np.float32]] = []
        while True:
            try:
                frame: Any = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return ready
            if frame.samples:
                ready.append(frame.to_ndarray())
