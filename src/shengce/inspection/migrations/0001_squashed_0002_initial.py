import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('inspection', '0001_initial'),
        ('inspection', '0002_initial'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('recordings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fatal', 'Fatal item'), ('complaint', 'Complaint'), ('diversion', 'Diversion hint')], max_length=10)),
                ('key', models.CharField(max_length=80)),
                ('title', models.JSONField(default=dict)),
                ('quote', models.TextField()),
                ('start_ms', models.PositiveIntegerField()),
                ('end_ms', models.PositiveIntegerField()),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(null=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='recordings.conversation')),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-raised_at', '-pk'],
                'indexes': [models.Index(fields=['seen_at', '-raised_at'], name='inspection__seen_at_b80a20_idx')],
                'constraints': [models.UniqueConstraint(fields=('conversation', 'kind', 'key'), name='one_alert_per_key')],
            },
        ),
        migrations.CreateModel(
            name='ScoreCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('active', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='ScoreCardVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('data', models.JSONField()),
                ('published_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='inspection.scorecard')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['card', '-number'],
                'constraints': [models.UniqueConstraint(fields=('card', 'number'), name='one_version_per_number')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('fatal', models.BooleanField(default=False)),
                ('scored_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='recordings.conversation')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='inspection.scorecardversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('conversation', 'version'), name='one_score_per_version')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('criterion', models.CharField(max_length=60)),
                ('name', models.JSONField()),
                ('section', models.CharField(blank=True, max_length=60)),
                ('state', models.CharField(max_length=16)),
                ('points', models.DecimalField(decimal_places=2, max_digits=6)),
                ('max_points', models.DecimalField(decimal_places=2, max_digits=6)),
                ('fatal', models.BooleanField(default=False)),
                ('hits', models.JSONField(default=list)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('score', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='inspection.score')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('score', 'criterion'), name='one_outcome_per_criterion')],
            },
        ),
    ]
