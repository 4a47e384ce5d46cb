"""Whether the database is there and has the tables of this version, asked before a command works with it."""

from __future__ import annotations


def fault_of_database() -> str:
    """What keeps a command from working with the database, in words; empty where nothing does."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        empty = not executor.loader.applied_migrations
    except DatabaseError as error:
        return f"the database cannot be used: {error}"
    if empty:
        return "the database is empty. Begin with: shengce found --name ORGANISATION --username ADMINISTRATOR"
    if missing:
        return f"the database is not up to date ({missing} changes missing). Run: shengce django migrate"
    return ""
