"""The copy of a recording for browsers: made by the pipeline, only where the original cannot be played or sought in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from shengce.recordings import files
from shengce.recordings.models import Recording
from shengce.recordings.sniffing import HEAD_BYTES, container_of
from shengce.speech.child import Beat
from shengce.speech.limits import Limits
from shengce.speech.listen import is_playable, make_listening_copy


def needs_listening_copy(recording: Recording, *, codec: str) -> bool:
    """Whether browsers cannot play the recording as it is; ``codec`` is FFmpeg's name, as decoding found it."""
    with files.open_key(recording.file) as stream:
        return not is_playable(container_of(stream.read(HEAD_BYTES)), codec)


def keep_listening_copy(
    recording: Recording, *, codec: str, limits: Limits = Limits(), beat: Beat | None = None
) -> bool:
    """Make and store the copy where one is needed and none is there; whether there is one now.

    Harmless to repeat. Raises ``AudioError``, and ``Refused`` where the disk is full.
    """
    if not needs_listening_copy(recording, codec=codec):
        return False
    key = files.listen_key(recording)
    if not files.exists(key):
        with TemporaryDirectory(prefix="listen-") as folder, files.on_disk(recording.file) as source:
            made = Path(folder) / "listen.m4a"
            make_listening_copy(source, made, limits=limits, beat=beat)
            files.write(key, made)
    return True
