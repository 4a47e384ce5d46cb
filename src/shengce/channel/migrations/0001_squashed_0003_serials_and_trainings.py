import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('channel', '0001_money_and_channel'),
        ('channel', '0002_findings_and_evidence'),
        ('channel', '0003_serials_and_trainings'),
    ]

    initial = True

    dependencies = [
        ('catalogue', '0003_tier_holds_for'),
        ('customers', '0004_cards_pool_and_merging'),
        ('facts', '0003_search_index'),
        ('people', '0003_api_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('recordings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lot', models.CharField(max_length=60, verbose_name='lot')),
                ('shipped_on', models.DateField(verbose_name='shipped on')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=12, verbose_name='quantity')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='customers.customer')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('territory', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('lot_key', models.CharField(db_index=True, editable=False, max_length=60)),
                ('digits', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('first', models.BigIntegerField(editable=False, null=True)),
                ('last', models.BigIntegerField(editable=False, null=True)),
                ('lot_to', models.CharField(blank=True, max_length=60, verbose_name='last serial number')),
                ('stem_key', models.CharField(blank=True, editable=False, max_length=60)),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-shipped_on'], name='channel_shi_custome_a67480_idx'), models.Index(fields=['product', '-shipped_on'], name='channel_shi_product_5b53af_idx'), models.Index(fields=['-shipped_on', '-id'], name='channel_shi_shipped_af5be0_idx'), models.Index(condition=models.Q(('lot_to', ''), _negated=True), fields=['stem_key', 'digits', 'first'], name='serial_ranges')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='shipment_counts_something'), models.UniqueConstraint(fields=('lot', 'customer', 'shipped_on'), name='one_shipment_of_a_lot_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('first__isnull', True), ('lot_to', '')), models.Q(models.Q(('lot_to', ''), _negated=True), ('digits__gt', 0), ('last__gte', models.F('first'))), _connector='OR'), name='serials_from_first_to_last')],
            },
        ),
        migrations.CreateModel(
            name='DiversionCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='case number')),
                ('state', models.CharField(choices=[('open', 'Open'), ('asked', 'Statement asked for'), ('answered', 'Statement given'), ('decided', 'Decided'), ('closed', 'Closed')], default='open', max_length=10)),
                ('statement', models.TextField(blank=True, verbose_name='statement of the other side')),
                ('verdict', models.CharField(blank=True, choices=[('proven', 'Proven'), ('not_proven', 'Not proven')], max_length=10)),
                ('decision', models.TextField(blank=True, verbose_name='decision')),
                ('penalty', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='penalty')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(null=True)),
                ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('rep', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seen_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('suspect', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases_against', to='customers.customer')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('shipment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channel.shipment')),
                ('answer_by', models.DateField(blank=True, null=True, verbose_name='answer until')),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-opened_at', '-id'], name='channel_div_opened__afa0d7_idx'), models.Index(fields=['suspect', '-opened_at'], name='channel_div_suspect_3d6b62_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('penalty__isnull', True), models.Q(('penalty__gte', 0), ('verdict', 'proven')), _connector='OR'), name='penalty_where_proven')],
            },
        ),
        migrations.CreateModel(
            name='CaseEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Open'), ('asked', 'Statement asked for'), ('answered', 'Statement given'), ('decided', 'Decided'), ('closed', 'Closed')], max_length=10)),
                ('text', models.TextField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='channel.diversioncase')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('scan', 'Scanned'), ('report', 'Reported'), ('talk', 'From a talk')], max_length=8)),
                ('lot', models.CharField(blank=True, max_length=60, verbose_name='lot')),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place')),
                ('price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='price')),
                ('seller', models.CharField(blank=True, max_length=200, verbose_name='who sells it')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sightings', to='channel.diversioncase')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.customer')),
                ('fact', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sighting', to='facts.fact')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('rep', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('confidence', models.FloatField(default=0)),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('finding', models.CharField(choices=[('no_lot', 'No lot was read'), ('unknown_lot', 'This lot was never shipped'), ('at_home', 'Where it may be sold'), ('strayed', 'Strayed from another territory'), ('unclear', 'Not clear')], default='no_lot', max_length=12)),
                ('lot_key', models.CharField(blank=True, db_index=True, editable=False, max_length=60)),
                ('shipment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sightings', to='channel.shipment')),
            ],
            options={
                'indexes': [models.Index(fields=['-seen_at', '-id'], name='channel_sig_seen_at_cbbe3c_idx'), models.Index(fields=['rep', '-seen_at'], name='channel_sig_rep_id_c4cd33_idx'), models.Index(fields=['unit', '-seen_at'], name='channel_sig_unit_id_b8d4a0_idx')],
            },
        ),
        migrations.CreateModel(
            name='PriceCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('allowed', models.DecimalField(decimal_places=2, max_digits=12)),
                ('broken', models.CharField(choices=[('below_floor', 'Below the floor price'), ('over_authority', "Discount over one's authority"), ('market_below_list', 'Sold in the market below the list')], max_length=20)),
                ('state', models.CharField(choices=[('open', 'Open'), ('justified', 'Justified'), ('confirmed', 'Confirmed as a breach')], default='open', max_length=10)),
                ('comment', models.CharField(blank=True, max_length=300)),
                ('decided_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.customer')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fact', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='price_case', to='facts.fact')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('rep', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('sighting', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='price_case', to='channel.sighting')),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('listed', models.DecimalField(decimal_places=2, max_digits=12)),
                ('said_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.pricetier')),
            ],
            options={
                'indexes': [models.Index(fields=['-said_at', '-id'], name='channel_pri_said_at_8bcb4a_idx'), models.Index(fields=['unit', 'state'], name='channel_pri_unit_id_e185df_idx'), models.Index(fields=['customer'], name='channel_pri_custome_24168d_idx')],
            },
        ),
        migrations.CreateModel(
            name='StockReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reported_on', models.DateField(verbose_name='reported on')),
                ('stock', models.DecimalField(decimal_places=3, max_digits=12, verbose_name='stock')),
                ('sold', models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True, verbose_name='sold on')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dealer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock_reports', to='customers.customer')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('dealer', 'product', 'reported_on'), name='one_stock_report_a_day'), models.CheckConstraint(condition=models.Q(('stock__gte', 0), models.Q(('sold__isnull', True), ('sold__gte', 0), _connector='OR')), name='stock_not_below_zero')],
            },
        ),
        migrations.CreateModel(
            name='Cooperation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('score', models.DecimalField(decimal_places=2, max_digits=5)),
                ('grounds', models.JSONField(default=list)),
                ('computed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dealer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cooperation', to='customers.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('dealer', 'month'), name='one_cooperation_a_month')],
            },
        ),
        migrations.CreateModel(
            name='DealerContract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='contract number')),
                ('start_on', models.DateField(verbose_name='from')),
                ('end_on', models.DateField(verbose_name='until before')),
                ('target', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='agreed purchases')),
                ('deposit', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='deposit')),
                ('terms', models.TextField(blank=True, verbose_name='terms')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dealer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='customers.customer')),
                ('territory', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.territory', verbose_name='territory')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('end_on__gt', models.F('start_on'))), name='contract_ends_after_start')],
                'indexes': [models.Index(fields=['dealer', 'start_on'], name='channel_dea_dealer__1ae8d9_idx'), models.Index(fields=['end_on'], name='channel_dea_end_on_77fef4_idx')],
            },
        ),
        migrations.CreateModel(
            name='Training',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField(verbose_name='held on')),
                ('subject', models.CharField(max_length=120, verbose_name='subject')),
                ('people', models.PositiveSmallIntegerField(verbose_name='people who took part')),
                ('trainer', models.CharField(max_length=60, verbose_name='trainer')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='trainings', to='recordings.conversation')),
                ('dealer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['dealer', '-held_on'], name='channel_tra_dealer__c9380f_idx'), models.Index(fields=['-held_on', '-id'], name='channel_tra_held_on_c4ea17_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('people__gt', 0)), name='somebody_was_trained'), models.UniqueConstraint(fields=('dealer', 'held_on', 'subject'), name='one_training_a_day')],
            },
        ),
    ]
