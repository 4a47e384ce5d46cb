import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('attainment', '0001_actuals'),
        ('attainment', '0002_gross_profit'),
        ('attainment', '0003_rep_days'),
    ]

    initial = True

    dependencies = [
        ('catalogue', '0006_product_cost'),
        ('customers', '0006_contact_email'),
        ('people', '0003_api_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Counting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('whole_on', models.DateField(null=True)),
                ('costs', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='CountedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=40)),
                ('day', models.DateField()),
                ('records', models.PositiveIntegerField()),
                ('checksum', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('metric', 'day'), name='counted_once_per_day')],
            },
        ),
        migrations.CreateModel(
            name='CustomerMonthActual',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=40)),
                ('settlement_method', models.CharField(blank=True, choices=[('cash', 'Cash on delivery'), ('prepaid', 'Prepaid'), ('credit', 'Credit'), ('acceptance', 'Acceptance bill')], max_length=10)),
                ('sales_method', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Through dealers'), ('online', 'E-commerce'), ('project', 'Project')], max_length=8)),
                ('amount', models.BigIntegerField(default=0)),
                ('month', models.DateField()),
                ('customer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('product_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.productline')),
                ('rep', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['metric', 'month'], name='attainment__metric_98ba5b_idx'), models.Index(fields=['rep', 'metric', 'month'], name='attainment__rep_id_d0e8be_idx'), models.Index(fields=['unit', 'metric', 'month'], name='attainment__unit_id_95538c_idx'), models.Index(fields=['customer', 'metric', 'month'], name='attainment__custome_0072fb_idx')],
            },
        ),
        migrations.CreateModel(
            name='DayActual',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=40)),
                ('settlement_method', models.CharField(blank=True, choices=[('cash', 'Cash on delivery'), ('prepaid', 'Prepaid'), ('credit', 'Credit'), ('acceptance', 'Acceptance bill')], max_length=10)),
                ('sales_method', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Through dealers'), ('online', 'E-commerce'), ('project', 'Project')], max_length=8)),
                ('amount', models.BigIntegerField(default=0)),
                ('day', models.DateField()),
                ('product_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.productline')),
                ('rep', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['metric', 'day'], name='attainment__metric_f6e08d_idx'), models.Index(fields=['rep', 'metric', 'day'], name='attainment__rep_id_dad234_idx'), models.Index(fields=['unit', 'metric', 'day'], name='attainment__unit_id_0a7b91_idx')],
            },
        ),
        migrations.CreateModel(
            name='MonthActual',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=40)),
                ('settlement_method', models.CharField(blank=True, choices=[('cash', 'Cash on delivery'), ('prepaid', 'Prepaid'), ('credit', 'Credit'), ('acceptance', 'Acceptance bill')], max_length=10)),
                ('sales_method', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Through dealers'), ('online', 'E-commerce'), ('project', 'Project')], max_length=8)),
                ('amount', models.BigIntegerField(default=0)),
                ('month', models.DateField()),
                ('grain', models.CharField(choices=[('unit', 'Unit'), ('line', 'Line'), ('place', 'Place'), ('all', 'All')], max_length=5)),
                ('product_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.productline')),
                ('rep', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['metric', 'grain', 'month'], name='attainment__metric_e3c60b_idx'), models.Index(fields=['rep', 'metric', 'grain', 'month'], name='attainment__rep_id_9473ad_idx'), models.Index(fields=['unit', 'metric', 'grain', 'month'], name='attainment__unit_id_c4936e_idx')],
            },
        ),
        migrations.CreateModel(
            name='RepDayActual',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=40)),
                ('settlement_method', models.CharField(blank=True, choices=[('cash', 'Cash on delivery'), ('prepaid', 'Prepaid'), ('credit', 'Credit'), ('acceptance', 'Acceptance bill')], max_length=10)),
                ('sales_method', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Through dealers'), ('online', 'E-commerce'), ('project', 'Project')], max_length=8)),
                ('amount', models.BigIntegerField(default=0)),
                ('day', models.DateField()),
                ('product_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.productline')),
                ('rep', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['metric', 'day'], name='attainment__metric_02a6a1_idx'), models.Index(fields=['rep', 'metric', 'day'], name='attainment__rep_id_7cd3b9_idx'), models.Index(fields=['unit', 'metric', 'day'], name='attainment__unit_id_9aff7e_idx')],
            },
        ),
    ]
