"""Mandarin speech from espeak-ng 1.52, in process, with the onset of every character.

espeak-ng is GPL: a tool of the maintainer's machine, neither shipped nor imported by the product. The library of
the wheel ends the whole process on some input (variant ``rob`` does so at will), so callers run it in a child.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from .talks import PUNCTUATION, Voice

ESPEAK_HZ = 22_050
HZ = 16_000
SILENCE = 0.003
TAIL_S = 0.15
FORBIDDEN_VARIANTS = frozenset({"rob"})

_SYNCHRONOUS, _UTF8, _POSITION_CHARACTER = 2, 1, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_EVENT_END_OF_LIST, _EVENT_WORD = 0, 1


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """16 kHz samples in [-1, 1] and, for every character that sounds, (character, start s, end s)."""

    samples: NDArray[np.float32]
    characters: tuple[tuple[str, float, float], ...]


class _Espeak:
    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        self._callback = _Callback(self._collect)  # kept alive: the library holds only the pointer
        self._library.espeak_SetSynthCallback(self._callback)
        self._pieces: list[NDArray[np.int16]] = []
        self._onsets: dict[int, float] = {}

    def _collect(self, samples, count: int, events) -> int:  # type: ignore[no-untyped-def]
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END_OF_LIST:
            event = events[index]
            if event.type == _EVENT_WORD:
                self._onsets[event.text_position - 1] = event.audio_position_ms / 1000
            index += 1
        return 0

    def say(self, text: str, voice: Voice) -> tuple[NDArray[np.float32], dict[int, float]]:
        """22.05 kHz samples and the onset in seconds by position in the text."""
        self._pieces, self._onsets = [], {}
        if self._library.espeak_SetVoiceByName(f"cmn+{voice.variant}".encode()) != 0:
            raise ValueError(f"espeak-ng knows no voice cmn+{voice.variant}")
        for parameter, value in ((_RATE, voice.rate), (_PITCH, voice.pitch), (_RANGE, voice.range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        raw = text.encode()
        self._library.espeak_Synth(raw, len(raw) + 1, 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
        sound = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int16)
        return sound.astype(np.float32) / 32768, dict(self._onsets)


@cache
def _espeak() -> _Espeak:
    return _Espeak()


def speak(text: str, voice: Voice) -> Spoken:
    """Say a Chinese text. Raises ValueError for a voice that is unknown or known to crash."""
    if voice.variant in FORBIDDEN_VARIANTS:
        raise ValueError(f"the variant {voice.variant} ends the process inside espeak-ng")
    sound, onsets = _espeak().say(text, voice)
    characters = tuple(_characters(text, sound, onsets))
    end = _last_voiced(sound, 0, len(sound)) / ESPEAK_HZ
    resampled = resample_poly(sound, 320, 441).astype(np.float32)
    return Spoken(resampled[: int((end + TAIL_S) * HZ)], characters)


def _characters(text, sound, onsets):  # type: ignore[no-untyped-def]
    """Spread each unit that espeak announced (a character or a dictionary word) evenly over its characters."""
    starts = sorted(p for p in onsets if 0 <= p < len(text))
    for index, position in enumerate(starts):
        following = starts[index + 1] if index + 1 < len(starts) else len(text)
        start = onsets[position]
        end = onsets[following] if following < len(text) else len(sound) / ESPEAK_HZ
        unit = [c for c in text[position:following] if not PUNCTUATION.match(c)]
        if len(unit) < following - position or following == len(
            text
        ):  # a pause follows: end where the voice ends
            end = max(start, _last_voiced(sound, int(start * ESPEAK_HZ), int(end * ESPEAK_HZ)) / ESPEAK_HZ)
        for i, character in enumerate(unit):
            yield (
                character,
                start + (end - start) * i / len(unit),
                start + (end - start) * (i + 1) / len(unit),
            )


def _last_voiced(sound: NDArray[np.float32], start: int, end: int) -> int:
    voiced = np.nonzero(np.abs(sound[start:end]) > SILENCE)[0]
    return start + int(voiced[-1]) if len(voiced) else start
