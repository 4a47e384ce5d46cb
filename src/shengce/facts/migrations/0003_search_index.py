"""The full-text index, with the means of each database; ``facts.search`` is its only reader and writer.

Both tables have the same name and the same words. SQLite: contentless FTS5 whose row id is the document's key; the
``ascii`` tokenizer takes every other character as part of a word, so Chinese pairs stay whole. PostgreSQL: a tsvector
without positions behind a GIN index.
"""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE facts_searchindex USING fts5"
    "(words, content='', detail='none', columnsize=0, tokenize='ascii')",
)
POSTGRESQL = (
    "CREATE TABLE facts_searchindex (key bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX facts_searchindex_words ON facts_searchindex USING gin (words) WITH (fastupdate = off)",
)


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE facts_searchindex")


class Migration(migrations.Migration):
    dependencies = [("facts", "0002_initial")]
    operations = [migrations.RunPython(create, drop)]
