from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
import yaml
from django.conf import settings
from django.db import migrations, models

DATA = Path(__file__).resolve().parent.parent / "data" / "papers.yaml"


def fill(apps, schema_editor):
    template = apps.get_model("sheets", "PaperTemplate")
    for place, entry in enumerate(yaml.safe_load(DATA.read_text(encoding="utf-8"))):
        template.objects.create(
            code=entry["code"],
            title=entry["title"],
            period=entry["period"],
            form={"sections": entry["sections"]},
            due=entry["due"],
            writers=entry["writers"],
            regular=entry.get("regular", True),
            position=place,
        )


class Migration(migrations.Migration):
    replaces = [
        ('sheets', '0001_initial'),
        ('sheets', '0002_papers'),
        ('sheets', '0003_shipped_templates'),
        ('sheets', '0004_settled'),
        ('sheets', '0005_visits_in_papers'),
        ('sheets', '0006_picks_and_excuses'),
        ('sheets', '0007_fuller_templates'),
    ]

    initial = True

    dependencies = [
        ('facts', '0003_search_index'),
        ('people', '0005_absences'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('recordings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PaperTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, verbose_name='code')),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('title', models.JSONField(default=dict)),
                ('period', models.CharField(choices=[('day', 'Day'), ('week', 'Week'), ('month', 'Month'), ('quarter', 'Quarter')], default='month', max_length=8, verbose_name='period')),
                ('form', models.JSONField(default=dict)),
                ('due', models.JSONField(default=dict)),
                ('writers', models.JSONField(default=list)),
                ('regular', models.BooleanField(default=True, verbose_name='expected every period')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
                ('position', models.PositiveSmallIntegerField(default=100)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['position', 'code', '-number'],
                'constraints': [models.UniqueConstraint(fields=('code', 'number'), name='one_paper_template_per_number')],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('returned', 'Returned'), ('reviewed', 'Reviewed')], default='draft', max_length=10)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('comment', models.TextField(blank=True)),
                ('removed', models.JSONField(blank=True, default=list)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to=settings.AUTH_USER_MODEL)),
                ('start_on', models.DateField()),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='sheets.papertemplate')),
                ('code', models.SlugField(max_length=40)),
                ('end_on', models.DateField()),
                ('due_at', models.DateTimeField()),
                ('first_submitted_at', models.DateTimeField(null=True)),
                ('absence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.absence')),
                ('excused', models.BooleanField(default=False)),
                ('regular_due_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['unit', 'state', '-start_on'], name='sheets_pape_unit_id_62d85f_idx'), models.Index(fields=['owner', 'state', 'due_at'], name='sheets_pape_owner_i_79cf8b_idx'), models.Index(fields=['code', 'due_at'], name='sheets_pape_code_34b626_idx')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'code', 'start_on'), name='one_paper_per_period'), models.CheckConstraint(condition=models.Q(('end_on__gt', models.F('start_on'))), name='paper_is_about_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, max_length=60)),
                ('section', models.CharField(max_length=40)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('text', models.TextField(blank=True)),
                ('source', models.CharField(choices=[('typed', 'Hand-written'), ('talk', 'From a talk'), ('computed', 'Counted')], max_length=8)),
                ('edited', models.BooleanField(default=False)),
                ('start_ms', models.PositiveIntegerField(null=True)),
                ('end_ms', models.PositiveIntegerField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('conversation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='report_lines', to='recordings.conversation')),
                ('fact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='report_lines', to='facts.fact')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='sheets.paper')),
                ('values', models.JSONField(blank=True, default=dict)),
                ('typed', models.JSONField(blank=True, default=list)),
                ('link', models.CharField(blank=True, max_length=200)),
                ('ties', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'ordering': ['section', 'position', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('paper', 'key'), name='one_line_per_key')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
