import django.db.models.deletion
import django.utils.timezone
import shengce.customers.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('customers', '0001_initial'),
        ('customers', '0002_initial'),
        ('customers', '0003_money_and_channel'),
        ('customers', '0004_cards_pool_and_merging'),
        ('customers', '0005_activity_and_computed_values'),
        ('customers', '0006_contact_email'),
    ]

    initial = True

    dependencies = [
        ('people', '0002_money_and_channel'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('kind', models.CharField(choices=[('end_customer', 'End customer'), ('dealer', 'Dealer'), ('prospect', 'Prospect')], default='prospect', max_length=16, verbose_name='kind')),
                ('city', models.CharField(blank=True, max_length=60, verbose_name='city')),
                ('industry', models.CharField(blank=True, max_length=60, verbose_name='industry')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_talk_at', models.DateTimeField(blank=True, null=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='customers', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='customer number')),
                ('level', models.CharField(blank=True, choices=[('first', 'First-level dealer'), ('second', 'Second-level dealer'), ('retail', 'Retailer')], max_length=8, verbose_name='dealer level')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='customers.customer')),
                ('phone', models.CharField(blank=True, db_index=True, max_length=20, verbose_name='main phone')),
                ('pooled_at', models.DateTimeField(blank=True, null=True)),
                ('supplied_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='supplies', to='customers.customer', verbose_name='supplied by')),
                ('tax_number', models.CharField(blank=True, db_index=True, max_length=30, verbose_name='tax number')),
                ('territory', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory', verbose_name='territory')),
                ('value_class', models.CharField(blank=True, max_length=1, verbose_name='class')),
                ('owned_since', models.DateTimeField(blank=True, null=True)),
                ('last_order_at', models.DateTimeField(blank=True, null=True)),
                ('last_visit_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['owner', '-last_talk_at'], name='customers_c_owner_i_6d18a4_idx'), models.Index(fields=['name'], name='customers_c_name_f018e2_idx'), models.Index(fields=['pooled_at'], name='customers_c_pooled__961b18_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('code',), name='one_customer_per_code', violation_error_message='Another customer has this number.')],
            },
        ),
        migrations.CreateModel(
            name='CardField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=40)),
                ('value', models.TextField()),
                ('source', models.CharField(choices=[('typed', 'Typed'), ('talk', 'From a talk'), ('computed', 'Computed')], max_length=8)),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='card_fields', to='customers.customer')),
                ('month', models.DateField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['customer', 'field', '-set_at'], name='customers_c_custome_3d912f_idx')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('position', models.CharField(blank=True, max_length=60, verbose_name='position')),
                ('phone', models.CharField(blank=True, db_index=True, max_length=20, verbose_name='phone')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='customers.customer')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
            ],
        ),
        migrations.CreateModel(
            name='CardTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('card', models.CharField(choices=[('profile', 'Profile card'), ('strategy', 'Strategy card'), ('monthly', 'Monthly review card')], max_length=8)),
                ('sections', models.JSONField(default=list)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Deal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='deal')),
                ('stage', models.CharField(choices=[('lead', 'Lead'), ('need', 'Need known'), ('proposal', 'Proposal made'), ('negotiation', 'Negotiation'), ('won', 'Won'), ('lost', 'Lost')], default='lead', max_length=12, verbose_name='stage')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='amount')),
                ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                ('next_step', models.CharField(blank=True, max_length=300, verbose_name='next step')),
                ('next_step_on', models.DateField(blank=True, null=True, verbose_name='next step on')),
                ('lost_reason', models.CharField(blank=True, max_length=300, verbose_name='reason lost')),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='customers.customer')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deals', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['owner', 'stage'], name='customers_d_owner_i_96f905_idx'), models.Index(fields=['customer'], name='customers_d_custome_d77874_idx')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moved', models.JSONField(default=dict)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('gone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('filled', models.JSONField(default=dict)),
                ('left', models.JSONField(default=dict)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('gone',), name='merged_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='NotDuplicates',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('one', 'other'), name='said_once')],
            },
        ),
        migrations.CreateModel(
            name='PoolRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, choices=[('end_customer', 'End customer'), ('dealer', 'Dealer'), ('prospect', 'Prospect')], max_length=16, verbose_name='kind')),
                ('value_class', models.CharField(blank=True, max_length=1, verbose_name='class')),
                ('idle_days', models.PositiveIntegerField(verbose_name='days without activity')),
                ('daily_cap', models.PositiveIntegerField(default=5, verbose_name='most that one person takes a day')),
                ('active', models.BooleanField(default=True, verbose_name='in force')),
                ('keep_away_days', models.PositiveIntegerField(default=0, verbose_name='days before the one who lost it may take it back')),
                ('counts', models.JSONField(default=shengce.customers.models._talks_only, verbose_name='what counts as activity')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'value_class'), name='one_pool_rule_per_kind_and_class', violation_error_message='There is a rule for this kind and class already.')],
            },
        ),
        migrations.CreateModel(
            name='PoolMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('released', 'Released'), ('taken', 'Taken')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pool_moves', to='customers.customer')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.poolrule')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'at'], name='customers_p_person__cf047d_idx')],
            },
        ),
        migrations.CreateModel(
            name='SuspectedPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(default=list)),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['-score', 'id'], name='customers_s_score_dbf4a0_idx')],
                'constraints': [models.UniqueConstraint(fields=('one', 'other'), name='suspected_once')],
            },
        ),
    ]
