import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

BUILT_IN = (
    ("sales", "销售额", "amount", "元"),
    ("collections", "回款", "amount", "元"),
    ("gross_profit", "毛利", "amount", "元"),
    ("customers", "新增客户", "count", "家"),
    ("visits", "拜访", "count", "次"),
)


def add(apps, schema_editor):
    Metric = apps.get_model("targets", "Metric")
    for position, (code, name, kind, unit) in enumerate(BUILT_IN):
        Metric.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "unit": unit, "position": position}
        )


class Migration(migrations.Migration):
    replaces = [
        ('targets', '0001_targets'),
        ('targets', '0002_built_in_metrics'),
        ('targets', '0003_leaner_leaves'),
    ]

    initial = True

    dependencies = [
        ('catalogue', '0004_product_line_tree'),
        ('customers', '0006_contact_email'),
        ('people', '0003_api_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Metric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('kind', models.CharField(choices=[('amount', 'Amount in yuan'), ('count', 'Count'), ('qualitative', 'In words')], default='amount', max_length=12, verbose_name='kind')),
                ('unit', models.CharField(blank=True, max_length=10, verbose_name='unit of measure')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
                ('position', models.PositiveSmallIntegerField(default=100)),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TargetSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('start_on', models.DateField(verbose_name='fiscal year begins on')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-start_on', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('start_on__day', 1)), name='fiscal_year_begins_with_a_month')],
            },
        ),
        migrations.CreateModel(
            name='TargetVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('negotiating', 'Under negotiation'), ('approved', 'Approved'), ('replaced', 'Replaced')], default='draft', max_length=12, verbose_name='state')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('sprint_ratio', models.DecimalField(decimal_places=4, default='1.1', max_digits=6, verbose_name='sprint')),
                ('challenge_ratio', models.DecimalField(decimal_places=4, default='1.2', max_digits=6, verbose_name='challenge')),
                ('revision', models.PositiveIntegerField(default=0)),
                ('levels_at', models.PositiveIntegerField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('approved_at', models.DateTimeField(null=True)),
                ('effective_on', models.DateField(null=True)),
                ('replaced_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.targetversion')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='targets.targetset')),
            ],
            options={
                'ordering': ['target_set', 'number'],
                'constraints': [models.UniqueConstraint(fields=('target_set', 'number'), name='one_target_version_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'approved')), fields=('target_set',), name='one_approved_version'), models.CheckConstraint(condition=models.Q(('sprint_ratio__gte', 1), ('challenge_ratio__gte', models.F('sprint_ratio'))), name='levels_go_up')],
            },
        ),
        migrations.CreateModel(
            name='Negotiation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('rep', 'Waits for the rep'), ('manager', 'Waits for the manager'), ('agreed', 'Both signed')], default='rep', max_length=8)),
                ('planned', models.BigIntegerField()),
                ('agreed', models.BigIntegerField(null=True)),
                ('rep_signed_at', models.DateTimeField(null=True)),
                ('manager_signed_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('manager', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('metric', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.metric')),
                ('rep', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='negotiations', to='targets.targetversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'metric', 'rep'), name='one_negotiation_per_figure')],
            },
        ),
        migrations.CreateModel(
            name='NegotiationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('opened', 'Figure put forward'), ('proposed', 'Proposed'), ('countered', 'Answered with'), ('signed', 'Signed')], max_length=9)),
                ('figure', models.BigIntegerField()),
                ('months', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, max_length=1000, verbose_name='reason')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='targets.negotiation')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='TargetRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('target', 'Target'), ('sprint', 'Sprint'), ('challenge', 'Challenge')], default='target', max_length=9)),
                ('settlement_method', models.CharField(blank=True, choices=[('cash', 'Cash on delivery'), ('prepaid', 'Prepaid'), ('credit', 'Credit'), ('acceptance', 'Acceptance bill')], max_length=10)),
                ('sales_method', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Through dealers'), ('online', 'E-commerce'), ('project', 'Project')], max_length=8)),
                ('m01', models.BigIntegerField(default=0)),
                ('m02', models.BigIntegerField(default=0)),
                ('m03', models.BigIntegerField(default=0)),
                ('m04', models.BigIntegerField(default=0)),
                ('m05', models.BigIntegerField(default=0)),
                ('m06', models.BigIntegerField(default=0)),
                ('m07', models.BigIntegerField(default=0)),
                ('m08', models.BigIntegerField(default=0)),
                ('m09', models.BigIntegerField(default=0)),
                ('m10', models.BigIntegerField(default=0)),
                ('m11', models.BigIntegerField(default=0)),
                ('m12', models.BigIntegerField(default=0)),
                ('locked', models.PositiveSmallIntegerField(default=0)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('customer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('metric', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.metric')),
                ('product_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.productline')),
                ('rep', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='targets.targetversion')),
            ],
            options={
                'indexes': [models.Index(fields=['version', 'metric', 'level', 'rep'], name='targets_tar_version_d39080_idx'), models.Index(fields=['version', 'metric', 'level', 'unit'], name='targets_tar_version_858a69_idx')],
                'constraints': [models.UniqueConstraint(models.F('version'), models.F('metric'), models.F('level'), django.db.models.functions.comparison.Coalesce('rep', models.Value(0)), django.db.models.functions.comparison.Coalesce('product_line', models.Value(0)), django.db.models.functions.comparison.Coalesce('customer', models.Value(0)), django.db.models.functions.comparison.Coalesce('territory', models.Value(0)), django.db.models.functions.comparison.Coalesce('unit', models.Value(0)), models.F('settlement_method'), models.F('sales_method'), name='one_row_per_leaf'), models.CheckConstraint(condition=models.Q(('locked__lt', 4096)), name='twelve_months_to_lock')],
            },
        ),
        migrations.CreateModel(
            name='TargetEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('target', 'Target'), ('sprint', 'Sprint'), ('challenge', 'Challenge')], default='target', max_length=9)),
                ('revision', models.PositiveIntegerField()),
                ('act', models.CharField(choices=[('typed', 'Typed'), ('split', 'Split'), ('fitted', 'Fitted to both margins'), ('locked', 'Locked'), ('unlocked', 'Unlocked'), ('moved', 'Handed over'), ('imported', 'Imported'), ('levels', 'Sprint and challenge worked out')], max_length=8)),
                ('cell', models.JSONField(default=dict)),
                ('old_total', models.BigIntegerField(default=0)),
                ('new_total', models.BigIntegerField(default=0)),
                ('before', models.BinaryField(default=bytes)),
                ('created', models.BinaryField(default=bytes)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('metric', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.metric')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='targets.targetversion')),
            ],
            options={
                'ordering': ['-revision'],
                'constraints': [models.UniqueConstraint(fields=('version', 'revision'), name='one_edit_per_revision')],
            },
        ),
        migrations.CreateModel(
            name='QualitativeTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=500, verbose_name='what is to be reached')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('judged', models.CharField(choices=[('open', 'Not judged yet'), ('met', 'Reached'), ('partly', 'Partly reached'), ('missed', 'Not reached')], default='open', max_length=6, verbose_name='judged')),
                ('comment', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('judged_at', models.DateTimeField(null=True)),
                ('judged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('metric', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.metric')),
                ('rep', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='qualitative', to='targets.targetversion')),
            ],
            options={
                'ordering': ['rep', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='StepEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fact', 'What was said'), ('deal', 'Deal'), ('invoice', 'Receivable')], max_length=7)),
                ('thing', models.BigIntegerField()),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='targets.negotiationstep')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('step', 'kind', 'thing'), name='evidence_once_per_step')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
