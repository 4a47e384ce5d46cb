import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

NAMES = ("广告宣传", "展会", "促销", "走访差旅", "培训", "样品赠品", "业务招待", "渠道支持")


def add(apps, schema_editor):
    activity = apps.get_model("plans", "Activity")
    activity.objects.bulk_create(activity(name=name, position=place) for place, name in enumerate(NAMES))


class Migration(migrations.Migration):
    replaces = [
        ('plans', '0001_initial'),
        ('plans', '0002_activities'),
    ]

    initial = True

    dependencies = [
        ('facts', '0003_search_index'),
        ('people', '0003_api_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('targets', '0002_built_in_metrics'),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('position', models.PositiveSmallIntegerField(default=100)),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('start_on', models.DateField(verbose_name='fiscal year begins on')),
                ('total', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='total, yuan')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved')], default='draft', max_length=8)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-start_on', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('start_on__day', 1)), name='budget_begins_with_a_month'), models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='budget_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='BudgetLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount, yuan')),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.activity')),
                ('budget', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='plans.budget')),
                ('territory', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'ordering': ['activity__position', 'activity', 'unit__path', 'territory__path', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='budget_line_not_below_zero'), models.UniqueConstraint(models.F('budget'), models.F('activity'), django.db.models.functions.comparison.Coalesce('unit', models.Value(0)), django.db.models.functions.comparison.Coalesce('territory', models.Value(0)), name='one_budget_line_per_place')],
            },
        ),
        migrations.CreateModel(
            name='Measure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='what is done')),
                ('means', models.TextField(blank=True, verbose_name='means')),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place')),
                ('start_on', models.DateField(verbose_name='from')),
                ('end_on', models.DateField()),
                ('cost', models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name='planned cost, yuan')),
                ('expected', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='expected result')),
                ('achieved', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='result')),
                ('result', models.TextField(blank=True, verbose_name='what came of it')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('running', 'Running'), ('done', 'Done'), ('dropped', 'Dropped')], default='planned', max_length=8)),
                ('ended_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('fact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='facts.fact')),
                ('line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='plans.budgetline')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('metric', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.metric')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('within', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='parts', to='plans.measure')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', 'start_on'], name='plans_measu_unit_id_d0ff34_idx'), models.Index(fields=['owner', 'start_on'], name='plans_measu_owner_i_1478f3_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('end_on__gt', models.F('start_on'))), name='measure_takes_a_day'), models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='measure_cost_not_below_zero')],
            },
        ),
        migrations.CreateModel(
            name='Expense',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('spent_on', models.DateField(verbose_name='spent on')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount, yuan')),
                ('what', models.CharField(max_length=200, verbose_name='what for')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for approval'), ('approved', 'Approved'), ('refused', 'Refused')], default='waiting', max_length=8)),
                ('claimed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('claimed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expenses', to='plans.budgetline')),
                ('measure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='expenses', to='plans.measure')),
            ],
            options={
                'ordering': ['-spent_on', '-pk'],
                'indexes': [models.Index(fields=['line', 'state'], name='plans_expen_line_id_f5a876_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='expense_above_zero')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
