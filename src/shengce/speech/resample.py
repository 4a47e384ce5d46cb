"""Decoded frames of any rate and form in, arrays at 16 kHz out, about a second at a time.

Codecs give frames of 20 ms: gathering them first spares fifty calls a second. The filter is shorter than FFmpeg's
own default, which takes as long as decoding itself and cannot be told from this one by a recogniser.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.error
import av.filter
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
FILTER_SIZE = 16


class Resampler:
    """For frames of one rate, layout and format. A frame of another kind raises ``ValueError`` in ``push``."""

    def __init__(self, frame: Any, *, channels: int) -> None:
        self._gather = frame.sample_rate
        self._fifo = av.AudioFifo()
        graph = av.filter.Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format.name,
            layout=frame.layout.name,
            time_base=Fraction(1, frame.sample_rate),
        )
        resample = graph.add("aresample", f"{SAMPLE_RATE}:filter_size={FILTER_SIZE}")
        layout = "stereo" if channels == 2 else "mono"
        shape = graph.add("aformat", f"sample_fmts=fltp:channel_layouts={layout}:sample_rates={SAMPLE_RATE}")
        sink = graph.add("abuffersink")
        source.link_to(resample)
        resample.link_to(shape)
        shape.link_to(sink)
        graph.configure()
        self._graph = graph

    def push(self, frame: Any) -> Iterator[NDArray[np.float32]]:
        """Arrays of shape (channels, n) that are ready after this frame."""
        frame.pts = None
        self._fifo.write(frame)
        if self._fifo.samples >= self._gather:
            self._graph.push(self._fifo.read())
            yield from self._pull()

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """What is still inside."""
        if self._fifo.samples:
            self._graph.push(self._fifo.read())
        self._graph.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[NDArray[np.float32]]:
        while True:
            try:
                frame: Any = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if frame.samples:
                yield frame.to_ndarray()
