"""The picture of a recording: its loudest sample in every tenth of a second, one byte for each channel.

Form: uint16 peaks per second, uint16 channels, uint32 number of peaks for each channel, all little endian, then the
bytes, channels interleaved. Sixty minutes of stereo are 72 kB.
"""

from __future__ import annotations

import struct

import numpy as np

from shengce.speech.decode import Block
from shengce.speech.resample import SAMPLE_RATE

PEAKS_PER_SECOND = 10
SAMPLES_PER_PEAK = SAMPLE_RATE // PEAKS_PER_SECOND


class Peaks:
    """Collects the peaks of blocks that arrive one after the other."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._bytes = bytearray()
        self._rest = np.zeros((channels, 0), np.float32)

    def add(self, block: Block) -> None:
        joined = np.concatenate([self._rest, np.abs(block)], axis=1) if self._rest.size else np.abs(block)
        whole = joined.shape[1] // SAMPLES_PER_PEAK * SAMPLES_PER_PEAK
        self._write(joined[:, :whole].reshape(self._channels, -1, SAMPLES_PER_PEAK).max(axis=2, initial=0.0))
        self._rest = joined[:, whole:]

    def finish(self) -> bytes:
        """The whole file; the last, shorter tenth counts as one."""
        if self._rest.shape[1]:
            self._write(self._rest.max(axis=1, keepdims=True))
            self._rest = self._rest[:, :0]
        count = len(self._bytes) // self._channels
        return struct.pack("<HHI", PEAKS_PER_SECOND, self._channels, count) + bytes(self._bytes)

    def _write(self, peaks: Block) -> None:
        self._bytes += np.clip(np.rint(peaks.T * 255), 0, 255).astype(np.uint8).tobytes()
