import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('visits', '0001_initial'),
        ('visits', '0002_routes_and_visits'),
    ]

    initial = True

    dependencies = [
        ('customers', '0004_cards_pool_and_merging'),
        ('facts', '0003_search_index'),
        ('people', '0003_api_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start_at', models.DateTimeField()),
                ('end_at', models.DateTimeField(blank=True, null=True)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('confirmed', 'Confirmed'), ('moved', 'Moved'), ('cancelled', 'Cancelled'), ('kept', 'Kept'), ('no_show', 'Customer was not there')], default='planned', max_length=10)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='customers.customer')),
                ('fact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='appointments', to='facts.fact')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('moved_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='moved_from', to='visits.appointment')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['owner', 'start_at'], name='visits_appo_owner_i_888365_idx'), models.Index(fields=['customer', 'state'], name='visits_appo_custome_be0dec_idx'), models.Index(fields=['unit', 'start_at'], name='visits_appo_unit_id_cb3c42_idx')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300, verbose_name='task')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', max_length=10)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('done_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='customers.customer')),
                ('fact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='facts.fact')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['owner', 'state', 'due_at'], name='visits_task_owner_i_cf834f_idx')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('latitude', models.FloatField(blank=True, null=True, verbose_name='latitude')),
                ('longitude', models.FloatField(blank=True, null=True, verbose_name='longitude')),
                ('source', models.CharField(choices=[('typed', 'Entered by hand'), ('check_in', 'From a check-in')], default='typed', max_length=8)),
                ('opens_at', models.TimeField(blank=True, null=True, verbose_name='visits from')),
                ('closes_at', models.TimeField(blank=True, null=True, verbose_name='visits until')),
                ('weekdays', models.CharField(blank=True, max_length=7, verbose_name='on weekdays')),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='visit_place', to='customers.customer')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='a_place_on_the_globe')],
            },
        ),
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('measure', models.CharField(max_length=24, verbose_name='what is counted')),
                ('least', models.PositiveIntegerField(verbose_name='at least')),
                ('most', models.PositiveIntegerField(blank=True, null=True, verbose_name='up to')),
                ('start_on', models.DateField(verbose_name='from month')),
                ('end_on', models.DateField(null=True)),
                ('rep', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.unit', verbose_name='unit')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'indexes': [models.Index(fields=['start_on', 'end_on'], name='visits_quot_start_o_4230fa_idx')],
            },
        ),
        migrations.CreateModel(
            name='Route',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('weeks', models.PositiveSmallIntegerField(default=4)),
                ('start_on', models.DateField(null=True)),
                ('end_on', models.DateField(null=True)),
                ('left_out', models.JSONField(default=list)),
                ('base', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rep', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='routes', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'ordering': ['rep', '-number'],
                'constraints': [models.UniqueConstraint(fields=('rep', 'number'), name='one_route_per_number'), models.UniqueConstraint(condition=models.Q(('start_on__isnull', True)), fields=('rep',), name='one_route_draft_per_rep')],
            },
        ),
        migrations.CreateModel(
            name='RouteBase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='starts from')),
                ('latitude', models.FloatField(verbose_name='latitude')),
                ('longitude', models.FloatField(verbose_name='longitude')),
                ('starts_at', models.TimeField(verbose_name='first way at')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='length of the day, minutes')),
                ('weekdays', models.CharField(max_length=7, verbose_name='on weekdays')),
                ('rep', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RouteStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.PositiveSmallIntegerField()),
                ('weekday', models.PositiveSmallIntegerField()),
                ('position', models.PositiveSmallIntegerField()),
                ('every_weeks', models.PositiveSmallIntegerField()),
                ('minutes', models.PositiveSmallIntegerField()),
                ('arrives', models.PositiveSmallIntegerField(default=0)),
                ('km', models.FloatField(default=0)),
                ('drive', models.PositiveSmallIntegerField(default=0)),
                ('waits', models.PositiveSmallIntegerField(default=0)),
                ('late', models.PositiveSmallIntegerField(default=0)),
                ('fixed', models.BooleanField(default=False)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='visits.route')),
            ],
            options={
                'ordering': ['week', 'weekday', 'position'],
                'indexes': [models.Index(fields=['route', 'week', 'weekday', 'position'], name='visits_rout_route_i_331469_idx')],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('came_at', models.DateTimeField(db_index=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('planned', models.BooleanField(default=False)),
                ('located', models.CharField(choices=[('device', 'Located by the device'), ('by_hand', 'Chosen by hand')], default='by_hand', max_length=8)),
                ('latitude', models.FloatField(null=True)),
                ('longitude', models.FloatField(null=True)),
                ('accuracy_m', models.PositiveIntegerField(null=True)),
                ('distance_m', models.PositiveIntegerField(null=True)),
                ('far', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='customers.customer')),
                ('rep', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['rep', '-came_at'], name='visits_visi_rep_id_71a00a_idx'), models.Index(fields=['unit', '-came_at'], name='visits_visi_unit_id_5fe147_idx'), models.Index(fields=['customer', '-came_at'], name='visits_visi_custome_9ed9a2_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at__isnull', True)), fields=('rep',), name='one_visit_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='VisitRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value_class', models.CharField(blank=True, max_length=1, unique=True, verbose_name='class')),
                ('every_weeks', models.PositiveSmallIntegerField(verbose_name='every so many weeks')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='minutes')),
            ],
        ),
    ]
