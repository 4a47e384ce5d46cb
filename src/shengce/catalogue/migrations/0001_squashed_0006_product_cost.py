import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('catalogue', '0001_initial'),
        ('catalogue', '0002_money_and_channel'),
        ('catalogue', '0003_tier_holds_for'),
        ('catalogue', '0004_product_line_tree'),
        ('catalogue', '0005_product_line_in_use'),
        ('catalogue', '0006_product_cost'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Competitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('aliases', models.JSONField(blank=True, default=list, verbose_name='other names')),
                ('active', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='ProductLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalogue.productline')),
                ('path', models.CharField(db_index=True, default='/', editable=False, max_length=255)),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'ordering': ['path'],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('aliases', models.JSONField(blank=True, default=list, verbose_name='other names')),
                ('list_price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('active', models.BooleanField(default=True)),
                ('line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='catalogue.productline')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='product code')),
                ('measure', models.CharField(blank=True, max_length=10, verbose_name='unit of measure')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('code',), name='one_product_per_code')],
            },
        ),
        migrations.CreateModel(
            name='DiscountAuthority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('executive', 'Executive'), ('manager', 'Sales manager'), ('rep', 'Sales representative'), ('inspector', 'Inspector'), ('marketing', 'Marketing'), ('customer_department', 'Customer department'), ('appointment_specialist', 'Appointment specialist'), ('trainer', 'Trainer'), ('administrator', 'Administrator')], max_length=24, unique=True, verbose_name='role')),
                ('most', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='largest discount')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('most__gte', 0), ('most__lt', 1)), name='discount_is_a_fraction')],
            },
        ),
        migrations.CreateModel(
            name='PriceTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='price tier')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('holds_for', models.CharField(blank=True, choices=[('end_customer', 'End customers and prospects'), ('first', 'First-level dealers'), ('second', 'Second-level dealers'), ('retail', 'Retailers')], max_length=16, verbose_name='holds for')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('holds_for', ''), _negated=True), fields=('holds_for',), name='one_tier_per_kind')],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='price')),
                ('floor', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='floor price')),
                ('start_on', models.DateField(verbose_name='valid from')),
                ('end_on', models.DateField(blank=True, null=True, verbose_name='valid until before')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='catalogue.product')),
                ('tier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='catalogue.pricetier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('product', 'tier', 'start_on'), name='one_price_per_start'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='price_above_zero'), models.CheckConstraint(condition=models.Q(('end_on__isnull', True), ('end_on__gt', models.F('start_on')), _connector='OR'), name='price_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='ProductCost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='unit cost')),
                ('start_on', models.DateField(verbose_name='valid from')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='costs', to='catalogue.product')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('product', 'start_on'), name='one_cost_per_start'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='cost_not_below_zero')],
            },
        ),
    ]
