"""How a request's files reach the disk: only for people who are signed in, only while there is room, never a 500.

Django parses the body before a view runs, so what must not be accepted is refused here and told to the view by
``request.upload_refusals``: a list of ``(file name, Refused)``.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from shengce.recordings.files import FULL, require_space
from shengce.recordings.refusal import Refused


class GuardedUploadHandler(TemporaryFileUploadHandler):
    """Writes each file to the incoming folder as it comes, and stops before the disk or the limit is reached."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        self._refusals: list[tuple[str, Refused]] = []
        self.request.upload_refusals = self._refusals  # type: ignore[union-attr]
        user = getattr(self.request, "user", None)
        self._refused: Refused | None = None
        if user is None or not user.is_authenticated:
            self._refused = Refused("no_file")
            return
        try:
            require_space(content_length)
        except Refused as refused:
            self._refused = refused

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if self._refused is not None:
            self._refusals.append((file_name, self._refused))
            raise SkipFile
        try:
            super().new_file(field_name, file_name, *args, **kwargs)
        except OSError as error:
            self._give_up(file_name, error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > settings.SHENGCE_MAX_FILE_BYTES:
            limit = settings.SHENGCE_MAX_FILE_BYTES // 1_000_000
            self._refusals.append((str(self.file_name), Refused("too_large", limit_mb=limit)))
            self.file.close()
            raise SkipFile
        try:
            return super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self.file.close()
            self._give_up(str(self.file_name), error)
            return None

    def _give_up(self, file_name: str, error: OSError) -> None:
        self._refused = Refused("disk_full", free_mb=0) if error.errno in FULL else Refused("storage_failed")
        self._refusals.append((file_name, self._refused))
        raise SkipFile  # the files after it are refused one by one
