"""Small files and rows that the tests of this room need."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from shengce.recordings.models import Conversation, Recording, Transcript
from shengce.speech.transcript import Segment, Word
from shengce.speech.transcript import Transcript as SpokenTranscript


def wav_bytes(seed: int = 0, seconds: float = 0.5) -> bytes:
    """A tone; another ``seed`` is another content."""
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        count = int(seconds * 8000)
        samples = (int(9000 * math.sin(i * (0.1 + seed / 100))) for i in range(count))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return target.getvalue()


def upload_of(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def zip_bytes(entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def add_conversation(recording: Recording, *lines: tuple[str, str, str], number: int = 0) -> Conversation:
    """A conversation with a transcript; a line is speaker, role, text, each character timed 200 ms."""
    segments, clock = [], 0
    for speaker, role, text in lines:
        words = tuple(Word(c, clock + i * 200, clock + (i + 1) * 200) for i, c in enumerate(text))
        segments.append(Segment(speaker, role, clock, clock + 200 * len(text), text, words))
        clock += 200 * len(text)
    conversation = Conversation.objects.create(
        recording=recording,
        number=number,
        end_ms=clock,
        started_at=recording.started_at or timezone.now(),
        rep=recording.rep,
        unit=recording.unit,
        customer=recording.customer,
        contact=recording.contact,
        direction=recording.direction,
    )
    spoken = SpokenTranscript(tuple(segments), clock, 1, "test")
    Transcript.objects.create(conversation=conversation, data=spoken.to_json(), engine="test")
    return conversation
