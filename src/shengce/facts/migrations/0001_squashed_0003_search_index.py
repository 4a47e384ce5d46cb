"""The full-text index has its means of each database; ``facts.search`` is its only reader and writer (see 0003)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

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
    replaces = [
        ('facts', '0001_initial'),
        ('facts', '0002_initial'),
        ('facts', '0003_search_index'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('recordings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('need', 'Need'), ('budget', 'Budget'), ('decision_maker', 'Decision maker'), ('objection', 'Objection'), ('competitor', 'Competitor'), ('price', 'Price'), ('product_interest', 'Product interest'), ('promise', 'Promise'), ('appointment', 'Appointment'), ('payment_promise', 'Promise to pay'), ('complaint', 'Complaint'), ('contact', 'Contact data'), ('diversion', 'Diversion hint'), ('next_step', 'Next step')], max_length=20)),
                ('value', models.JSONField()),
                ('quote', models.TextField()),
                ('role', models.CharField(max_length=10)),
                ('turn', models.PositiveIntegerField()),
                ('char_start', models.PositiveIntegerField()),
                ('char_end', models.PositiveIntegerField()),
                ('start_ms', models.PositiveIntegerField()),
                ('end_ms', models.PositiveIntegerField()),
                ('confidence', models.FloatField()),
                ('extractor', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('open', 'Not reviewed'), ('confirmed', 'Confirmed'), ('corrected', 'Corrected'), ('rejected', 'Rejected')], default='open', max_length=10)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='recordings.conversation')),
            ],
            options={
                'ordering': ['start_ms', 'pk'],
                'indexes': [models.Index(fields=['kind', 'conversation'], name='facts_fact_kind_6ab8b6_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('conversation', 'extractor', 'kind', 'turn', 'char_start', 'char_end'), name='one_open_fact_per_passage')],
            },
        ),
        migrations.CreateModel(
            name='FactReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('extractor', models.CharField(db_index=True, max_length=60)),
                ('answer', models.CharField(choices=[('confirm', 'Confirmed'), ('correct', 'Corrected'), ('reject', 'Rejected'), ('reopen', 'Reopened')], max_length=8)),
                ('old_value', models.JSONField()),
                ('new_value', models.JSONField(null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='facts.fact')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_document', serialize=False, to='recordings.conversation')),
                ('key', models.BigIntegerField(unique=True)),
                ('text', models.TextField()),
                ('owners', models.CharField(blank=True, max_length=100)),
                ('indexed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.RunPython(create, drop),
    ]
