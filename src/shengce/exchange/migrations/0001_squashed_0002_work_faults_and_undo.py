import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('exchange', '0001_money_and_channel'),
        ('exchange', '0002_work_faults_and_undo'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnMatching',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('headers', models.CharField(max_length=64)),
                ('matching', models.JSONField(default=dict)),
                ('used_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'headers'), name='one_matching_per_headers')],
            },
        ),
        migrations.CreateModel(
            name='ImportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('file_name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('path', models.CharField(max_length=200)),
                ('sheet', models.CharField(blank=True, max_length=100)),
                ('columns', models.JSONField(default=list)),
                ('matching', models.JSONField(default=dict)),
                ('good_only', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('read', 'Columns to be matched'), ('checking', 'Being checked'), ('previewed', 'Checked'), ('running', 'Being imported'), ('done', 'Imported'), ('failed', 'Not imported'), ('undoing', 'Being taken back'), ('undone', 'Taken back')], default='read', max_length=10)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('message', models.CharField(blank=True, max_length=500)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('faulty_rows', models.PositiveIntegerField(default=0)),
                ('header_row', models.PositiveIntegerField(default=1)),
                ('language', models.CharField(default='zh-hans', max_length=10)),
                ('lease_until', models.DateTimeField(null=True)),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('made', models.PositiveIntegerField(default=0)),
                ('position', models.PositiveIntegerField(default=0)),
                ('preview', models.JSONField(default=list)),
                ('rows_path', models.CharField(blank=True, max_length=200)),
                ('sheets', models.JSONField(default=list)),
                ('unchanged', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['by', '-made_at'], name='exchange_im_by_id_7191ab_idx'), models.Index(fields=['sha256'], name='exchange_im_sha256_3d3614_idx'), models.Index(fields=['state'], name='exchange_im_state_6682c1_idx')],
            },
        ),
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(max_length=60)),
                ('row_id', models.BigIntegerField()),
                ('made', models.BooleanField(default=True)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imported', to='exchange.importjob')),
                ('name', models.CharField(blank=True, max_length=200)),
                ('row', models.PositiveIntegerField(default=0)),
                ('values', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['job', 'model', 'row_id'], name='exchange_im_job_id_0bb30b_idx')],
            },
        ),
        migrations.CreateModel(
            name='ImportFault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('field', models.CharField(blank=True, max_length=40)),
                ('column', models.CharField(blank=True, max_length=110)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('text', models.CharField(max_length=500)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='faults', to='exchange.importjob')),
            ],
            options={
                'indexes': [models.Index(fields=['job', 'row'], name='exchange_im_job_id_3fcf35_idx')],
            },
        ),
    ]
