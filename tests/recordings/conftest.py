"""Every test of this room has a storage and an incoming folder of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "incoming")
    (tmp_path / "incoming").mkdir()
