"""Codes in words: why a recording cannot be used, why a file was not received, what is worth knowing about one.

The codes of ``speech.errors`` are repeated here because that room has no translations; a test keeps both equal.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shengce.recordings.models import Recording

EXPLANATIONS: dict[str, str | Promise] = {
    # from the speech room: found when the recording was processed
    "missing": _("The file is no longer in the storage. Upload it again."),
    "unreadable": _("The file cannot be read."),
    "empty": _("The file is empty (0 bytes)."),
    "not_audio": _("This is not a sound or video file."),
    "no_sound": _("The file has no sound track."),
    "unsupported_codec": _(
        "The sound is stored in a form that cannot be decoded ({codec}). Export it as mp3 or wav."
    ),
    "truncated": _(
        "The file is cut off or damaged: nothing of it can be decoded. Copy it again from the phone."
    ),
    "too_short": _("The recording is too short ({duration_ms} ms)."),
    "too_long": _("The recording is longer than the limit of {limit_minutes} minutes."),
    "too_large": _("The file is larger than the limit of {limit_mb} MB."),
    "silent": _("The recording is silent."),
    "no_speech": _("Nobody speaks in the recording."),
    "timeout": _("The work took longer than the limit of {limit_s} seconds and was stopped."),
    "stalled": _("The work made no progress for {limit_s} seconds and was stopped."),
    "memory": _("The recording needs more memory than the limit of {limit_mb} MB."),
    "crashed": _("The decoder or the recogniser broke down on this recording."),
    "cancelled": _("The work was cancelled."),
    "bad_model": _("The speech model cannot be used: {reason}"),
    # at the door
    "disk_full": _("The server's disk is full ({free_mb} MB left). Nothing was accepted; try again later."),
    "storage_failed": _("The server could not store the file. Nothing was accepted; try again later."),
    "no_file": _("No file was chosen."),
    "growing": _("The file is still being written; it will be taken when it is finished."),
    "zip_broken": _("The archive is damaged and cannot be opened."),
    "zip_encrypted": _("The archive is protected with a password. Unpack it first."),
    "zip_method": _("The archive uses a compression that cannot be read."),
    "zip_nested": _("Archives inside an archive are not opened. Unpack it first."),
    "zip_entries": _("The archive holds more than {limit} files."),
    "zip_total": _("The archive unpacks to more than {limit_mb} MB."),
    "zip_ratio": _("This part of the archive unpacks to {ratio} times its size and was not opened."),
    "zip_empty": _("There is no recording in the archive."),
    "sidecar_large": _("The list is larger than the limit of {limit_mb} MB."),
    "sidecar_encoding": _("The list is neither UTF-8 nor GB18030 text."),
    "sidecar_json": _("The list is not valid JSON (line {line})."),
    "sidecar_empty": _("The list has no rows."),
    "sidecar_columns": _(
        "The list has no column with the file name. Found: {found}. Needed: one of {needed}."
    ),
    "sidecar_useless": _(
        "The list names files, but has none of the columns that can be used. Found: {found}. Usable: {needed}."
    ),
    # of the pipeline
    "worker_lost": _("The program was stopped again and again while it worked on this recording."),
    "database": _("The database could not be reached; the work goes on by itself."),
    "internal": _("The program made a mistake with this recording; it has been noted in the log."),
    "unknown": _("The recording could not be processed."),
}

WARNINGS: dict[str, str | Promise] = {
    # from the speech room
    "cut_off": _("The recording is cut off: only the part that is there was used."),
    "damaged": _("Parts of the recording are damaged and were left out."),
    "same_channels": _("Both channels carry the same sound: the recording was treated as one channel."),
    "mixed_down": _("The recording has more than two channels: they were mixed into one."),
    # from linking
    "number_unknown": _("The number belongs to no customer yet."),
    "customer_unknown": _("There is no customer of the name that was given."),
    "customer_ambiguous": _("Several customers fit; choose one."),
    "customer_elsewhere": _("The number belongs to a customer of another team."),
    "rep_unknown": _("There is no sales representative of the name or number that was given."),
    "rep_ambiguous": _("Several sales representatives fit; choose one."),
    "rep_elsewhere": _("The list names a sales representative outside your team; that was not taken over."),
    "sides_unknown": _("Which of the two numbers is ours is not known."),
}


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def explain(code: str, details: dict[str, Any] | None = None) -> str:
    """Why, in the reader's language. Unknown codes say so in general words; missing details show as ``?``."""
    words = str(EXPLANATIONS.get(code, EXPLANATIONS["unknown"]))
    return words.format_map(_Details(details if isinstance(details, dict) else {}))


def warn(code: str) -> str:
    """A warning in the reader's language; empty for a code that is not known."""
    return str(WARNINGS.get(code, ""))


def reason_of(recording: Recording) -> str:
    """Why a recording is refused, failed, or waits for another try; empty where nothing is wrong."""
    return explain(recording.error_code, recording.error_details) if recording.error_code else ""


def warnings_of(recording: Recording) -> list[str]:
    """What is worth knowing about a recording that was taken all the same, in words."""
    heard = recording.details.get("heard")
    codes = [
        *recording.details.get("warnings", ()),
        *(heard.get("warnings", ()) if isinstance(heard, dict) else ()),
    ]
    linked = {"number_unknown", "customer_unknown", "customer_ambiguous", "customer_elsewhere"}
    codes = [code for code in dict.fromkeys(codes) if not (recording.customer_id and code in linked)]
    return [words for code in codes if (words := warn(code))]
