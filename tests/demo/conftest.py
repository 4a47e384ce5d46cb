"""The year of the demonstration company, told once for a module; no recording is recognised for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from shengce.demo.company import found_company
from shengce.demo.script import Year
from shengce.demo.year import end_year, tell_year


@pytest.fixture(scope="package")
def year(django_db_setup: None, django_db_blocker: object) -> Iterator[Year]:
    """Everything but the talks; taken back after the last test of this folder, so that other tests find an empty database.

    Tests that need an empty one stand in files before those that ask for the year.
    """
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        told = tell_year(found_company(), say=lambda words: None)
        end_year(told, say=lambda words: None)
        yield told
        transaction.set_rollback(True)
