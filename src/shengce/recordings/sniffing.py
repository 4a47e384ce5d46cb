"""What the first bytes of a file say it is: for the browser's content type and for what is no recording at all."""

from __future__ import annotations

from pathlib import PurePosixPath

HEAD_BYTES = 64

AUDIO_EXTENSIONS = frozenset(
    {
        *(
            ".wav",
            ".w64",
            ".mp2",
            ".mp3",
            ".m4a",
            ".m4b",
            ".mp4",
            ".m4v",
            ".mov",
            ".aac",
            ".amr",
            ".awb",
            ".3gp",
            ".3gpp",
        ),
        *(
            ".3g2",
            ".ogg",
            ".oga",
            ".opus",
            ".spx",
            ".webm",
            ".weba",
            ".mka",
            ".mkv",
            ".flac",
            ".wma",
            ".asf",
            ".caf",
        ),
        *(
            ".aif",
            ".aiff",
            ".aifc",
            ".au",
            ".snd",
            ".gsm",
            ".avi",
            ".flv",
            ".mpg",
            ".mpeg",
            ".ts",
            ".silk",
            ".slk",
            ".vox",
        ),
    }
)

CONTENT_TYPES: dict[str, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "3gp": "audio/mp4",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "flac": "audio/flac",
    "adts": "audio/aac",
    "amr": "audio/amr",
    "asf": "audio/x-ms-wma",
    "caf": "audio/x-caf",
    "aiff": "audio/aiff",
    "au": "audio/basic",
    "avi": "video/x-msvideo",
    "silk": "application/octet-stream",
    "": "application/octet-stream",
}
"""Content type for each container that :func:`container_of` names."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (8, b"WAVE", "wav"),
    (8, b"AVI ", "avi"),
    (0, b"RF64", "wav"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp3g", "3gp"),
    (4, b"ftyp", "mp4"),
    (4, b"moov", "mp4"),
    (4, b"mdat", "mp4"),
    (4, b"wide", "mp4"),
    (0, b"OggS", "ogg"),
    (0, b"\x1a\x45\xdf\xa3", "webm"),
    (0, b"fLaC", "flac"),
    (0, b"#!AMR", "amr"),
    (0, b"#!SILK", "silk"),
    (1, b"#!SILK", "silk"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"caff", "caf"),
    (0, b"FORM", "aiff"),
    (0, b".snd", "au"),
    (0, b"FLV", "flv"),
)


def container_of(head: bytes) -> str:
    """Short name of the container, from the first ``HEAD_BYTES``; empty where it is none that we know."""
    for at, magic, name in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "adts"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "mp3"
    return ""


def extension_of(name: str) -> str:
    """The lower-case extension with its dot when it is one of a sound file, else ``.bin``."""
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return extension if extension in AUDIO_EXTENSIONS else ".bin"


def may_be_audio(name: str, head: bytes) -> bool:
    """Whether a file is worth decoding: by its name or by its first bytes. Decoding has the last word."""
    return extension_of(name) != ".bin" or container_of(head) != ""


def is_zip(name: str, head: bytes) -> bool:
    """Whether a file is a zip archive; an empty one begins with the end record."""
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06") or name.lower().endswith(".zip")
