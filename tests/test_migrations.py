"""Squashed migrations and the old ones make the same models, and an old installation finds a way that is no circle."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState

ROOMS = MigrationLoader(None).replacements
FIRST = {  # where the first installations stood
    ("catalogue", 1),
    ("customers", 2),
    ("facts", 3),
    ("inspection", 2),
    ("market", 2),
    ("people", 1),
    ("proposals", 1),
    ("recordings", 1),
    ("results", 1),
    ("sales", 1),
    ("sheets", 1),
    ("visits", 1),
}


def shape(model: ModelState) -> Any:
    plain = MigrationAutodetector(ProjectState(), ProjectState()).deep_deconstruct
    options = {name: plain(value) for name, value in model.options.items() if value}
    for name in {"indexes", "constraints"} & options.keys():
        options[name] = sorted(options[name], key=repr)
    return model.name, model.bases, options, {name: plain(field) for name, field in model.fields.items()}


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, replace_migrations=False)


@pytest.mark.parametrize("squashed", ROOMS, ids=str)
def test_the_same_models(loader: MigrationLoader, squashed: tuple[str, str]) -> None:
    room = squashed[0]
    ways = (loader.project_state([node]).models for node in (squashed, ROOMS[squashed].replaces[-1]))
    new, old = (
        {name: shape(model) for (app, name), model in models.items() if app == room} for models in ways
    )
    assert new == old


@pytest.mark.django_db
def test_the_first_installations_find_their_way() -> None:
    names = {
        (app, name)
        for app, name in MigrationLoader(None, replace_migrations=False).graph.nodes
        if "_squashed_" not in name
    }
    rows = MigrationRecorder(connection).migration_qs.exclude(
        app__in=["auth", "axes", "contenttypes", "sessions"]
    )
    rows.delete()
    for app, last in FIRST:
        for name in (name for room, name in names if room == app and int(name[:4]) <= last):
            MigrationRecorder(connection).record_applied(app, name)
    graph = MigrationLoader(connection).graph
    graph.ensure_not_cyclic()
    assert ("people", "0002_money_and_channel") in graph.nodes  # the old way goes on
    assert ("service", "0002_working_hours") not in graph.nodes  # nothing of it yet: the squashed one
    assert {app for app, _ in graph.leaf_nodes()} >= {room for room, _ in ROOMS}
