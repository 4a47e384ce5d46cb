"""Any recording in, blocks of 16 kHz samples out.

Decodes with PyAV (FFmpeg inside its wheel) from an open file, never from a name: a name such as ``concat:…`` or a
playlist that points elsewhere is not followed. Memory does not grow with the length of the recording. Import this
module in the child process only: it loads a native library.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from shengce.speech.errors import AudioError
from shengce.speech.limits import MEGABYTE, Limits
from shengce.speech.resample import SAMPLE_RATE as SAMPLE_RATE
from shengce.speech.resample import Resampler

BLOCK_SAMPLES = SAMPLE_RATE
Block = NDArray[np.float32]
"""Samples in [-1, 1], shape (channels, n)."""

FORMATS = "wav,w64,mp3,mov,mp4,m4a,3gp,3g2,amr,amrnb,amrwb,ogg,matroska,webm,flac,aac,loas,asf,caf,aiff,au,avi,flv,mpegts,mpeg"
"""Containers that are opened. Playlists, image sequences and subtitles are not among them: they name other files."""

MAGIC: tuple[tuple[int, bytes], ...] = (
    (0, b"RIFF"),
    (4, b"ftyp"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"ID3"),
    (0, b"#!AMR"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"FORM"),
    (0, b"caff"),
)
"""First bytes that show what a file wanted to be, so that a cut-off file is not called "not a sound file"."""

SILK_MAGIC = b"#!SILK"
SHORTFALL_MS = 1000
"""A recording that ends this much before the length that it states is reported as cut off."""

EXACT_CONTAINERS = ("mov", "matroska", "flac", "wav", "asf", "caf")
"""Containers that state their length; for the others FFmpeg guesses it from the bit rate."""

LEAST_BYTES_PER_SECOND = 100
"""A stated length that leaves fewer bytes for each second than any codec needs is a lie and not believed."""

LEAST_RATE = 2_000
"""Samples per second. A header that states fewer is damaged: at 1 Hz, a file of 100 kB would be a day of sound."""

LOUDEST = 8.0
"""Times full scale; above it a sample is rubbish in a file of floats, not a loud voice."""

UNKNOWN_RIFF_SIZE = 0x7FFF_0000
"""Recorders that write a stream put sizes from here up into the header, because they do not know it yet."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the container says about the recording. ``duration_ms`` is None where it does not say."""

    duration_ms: int | None
    channels: int
    codec: str
    container: str
    sample_rate: int


def probe(path: Path, *, limits: Limits = Limits()) -> AudioInfo:
    """What the recording states about itself, without decoding it. Raises ``AudioError``."""
    with Decoder(path, limits=limits) as decoder:
        return decoder.info


class Decoder:
    """One recording, opened; iterate ``blocks()`` once. Use as a context manager.

    ``channels`` is 1 or 2: more channels are mixed into one. ``decoded_ms`` grows while blocks are read and
    ``warnings`` (keys of ``errors.WARNINGS``) is complete after the last block.
    """

    def __init__(self, path: Path, *, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.warnings: list[str] = []
        self._samples = 0
        self._damaged = 0
        self._file = _open_file(Path(path), limits)
        self._size = os.fstat(self._file.fileno()).st_size
        try:
            self._container, self._stream, self.info = _open_container(self._file)
            self.channels = 2 if self.info.channels == 2 else 1
            if self.info.channels > 2:
                self._warn("mixed_down")
            self._refuse_length(self._stated_ms())
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()
        self._file.close()

    @property
    def decoded_ms(self) -> int:
        return self._samples * 1000 // SAMPLE_RATE

    @property
    def share(self) -> float:
        """How much of the recording has been read, 0 to 1: by its length where it states one, else by its bytes."""
        stated = self._stated_ms()
        if stated:
            return min(1.0, self.decoded_ms / stated)
        return min(1.0, self._file.tell() / self._size) if not self._file.closed else 1.0

    def blocks(self) -> Iterator[Block]:
        """Blocks of one second (the last one shorter), shape (channels, n).

        Damaged stretches are left out with a warning. Raises ``AudioError``: ``truncated`` or
        ``unsupported_codec`` where nothing can be decoded, ``too_long``, ``too_short``.
        """
        pending: list[Block] = []
        waiting = 0
        for piece in self._pieces():
            self._samples += piece.shape[1]
            pending.append(piece)
            waiting += piece.shape[1]
            if waiting < BLOCK_SAMPLES:
                continue
            self._refuse_length(self.decoded_ms)
            joined = np.concatenate(pending, axis=1)
            whole = waiting // BLOCK_SAMPLES * BLOCK_SAMPLES
            for start in range(0, whole, BLOCK_SAMPLES):
                yield _finite(joined[:, start : start + BLOCK_SAMPLES])
            pending, waiting = [joined[:, whole:]], waiting - whole
        if waiting:
            yield _finite(np.concatenate(pending, axis=1))
        self._check_end()

    def _pieces(self) -> Iterator[Block]:
        resampler: Resampler | None = None
        for frame in self._frames():
            if resampler is not None:
                try:
                    yield from resampler.push(frame)
                    continue
                except ValueError:
                    # Some phones change rate or layout in mid-stream.
                    yield from resampler.finish()
            resampler = Resampler(frame, channels=self.channels)
            yield from resampler.push(frame)
        if resampler is not None:
            yield from resampler.finish()

    def _frames(self) -> Iterator[Any]:
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from packet.decode()
                except av.error.MemoryError:
                    raise
                except av.error.FFmpegError:
                    self._damaged += 1
        except av.error.EOFError:
            return
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            # The container itself ends in the middle of something.
            self._damaged += 1

    def _check_end(self) -> None:
        stated = self._stated_ms()
        if self._samples == 0:
            raise AudioError("truncated")
        if self.decoded_ms < self.limits.least_duration_ms:
            raise AudioError("too_short", {"duration_ms": self.decoded_ms})
        if stated - self.decoded_ms > max(SHORTFALL_MS, stated // 50) or self._riff_is_cut():
            self._warn("cut_off")
        elif self._damaged:
            self._warn("damaged")

    def _stated_ms(self) -> int:
        """The length that the container states, or 0 where it states none that can be believed."""
        stated = self.info.duration_ms or 0
        exact = self.info.container.split(",")[0] in EXACT_CONTAINERS
        return stated if exact and self._size >= stated // 1000 * LEAST_BYTES_PER_SECOND else 0

    def _riff_is_cut(self) -> bool:
        """FFmpeg shortens the stated length of a cut WAV silently, so its header is read here."""
        self._file.seek(0)
        head = self._file.read(8)
        if head[:4] != b"RIFF":
            return False
        stated = int.from_bytes(head[4:8], "little")
        return stated < UNKNOWN_RIFF_SIZE and stated + 8 > self._size + 1

    def _refuse_length(self, duration_ms: int) -> None:
        if duration_ms > self.limits.duration_ms:
            raise AudioError("too_long", {"limit_minutes": self.limits.duration_ms // 60_000})

    def _warn(self, code: str) -> None:
        if code not in self.warnings:
            self.warnings.append(code)


def _finite(block: Block) -> Block:
    """Float codecs may carry values that are no numbers at all, or a million times too loud."""
    # What is no number makes the comparison false. Codecs overshoot full scale a little: that stays as it is.
    if max(block.max(), -block.min()) <= LOUDEST:
        return block
    return np.clip(np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)


def _open_file(path: Path, limits: Limits) -> IO[bytes]:
    try:
        if not path.is_file():
            raise AudioError("missing" if not path.exists() else "unreadable")
        size = path.stat().st_size
        if size == 0:
            raise AudioError("empty")
        if size > limits.file_bytes:
            raise AudioError("too_large", {"limit_mb": limits.file_bytes // MEGABYTE})
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise AudioError("unreadable", detail=str(error)) from None


def _open_container(file: IO[bytes]) -> tuple[Any, Any, AudioInfo]:
    head = file.read(16)
    file.seek(0)
    if SILK_MAGIC in head:
        raise AudioError("unsupported_codec", {"codec": "SILK"})
    try:
        container = av.open(file, "r", options={"format_whitelist": FORMATS}, metadata_errors="ignore")
    except av.error.MemoryError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        known = any(head[at : at + len(magic)] == magic for at, magic in MAGIC)
        raise AudioError("truncated" if known else "not_audio", detail=str(error)) from None
    try:
        return container, *_sound_track(container)
    except BaseException:
        container.close()
        raise


def _sound_track(container: Any) -> tuple[Any, AudioInfo]:
    if not container.streams.audio:
        raise AudioError("no_sound")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if codec is None:
        raise AudioError("unsupported_codec", {"codec": "?"})
    try:
        codec.open(strict=False)
    except av.error.FFmpegError as error:
        raise AudioError("unsupported_codec", {"codec": codec.name}, detail=str(error)) from None
    if not codec.channels or codec.sample_rate < LEAST_RATE:
        raise AudioError("truncated")
    stated = None
    if stream.duration is not None and stream.time_base is not None:
        stated = int(stream.duration * stream.time_base * 1000)
    elif container.duration is not None:
        stated = int(container.duration // 1000)
    info = AudioInfo(
        duration_ms=stated if stated is not None and stated > 0 else None,
        channels=codec.channels,
        codec=codec.name,
        container=container.format.name,
        sample_rate=codec.sample_rate,
    )
    return stream, info
