import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('service', '0001_money_and_channel'),
        ('service', '0002_working_hours'),
    ]

    initial = True

    dependencies = [
        ('catalogue', '0002_money_and_channel'),
        ('customers', '0003_money_and_channel'),
        ('facts', '0003_search_index'),
        ('people', '0002_money_and_channel'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='ticket number')),
                ('kind', models.CharField(choices=[('complaint', 'Complaint'), ('claim', 'Claim'), ('return', 'Return'), ('repair', 'Repair'), ('question', 'Question')], default='complaint', max_length=10, verbose_name='kind')),
                ('priority', models.CharField(choices=[('urgent', 'Urgent'), ('high', 'High'), ('normal', 'Normal'), ('low', 'Low')], default='normal', max_length=8, verbose_name='priority')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('state', models.CharField(choices=[('open', 'Open'), ('working', 'Being worked on'), ('waiting', 'Waiting for the customer'), ('solved', 'Solved'), ('closed', 'Closed')], default='open', max_length=8, verbose_name='state')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answer_by', models.DateTimeField(null=True)),
                ('solve_by', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('solved_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('escalated_at', models.DateTimeField(null=True)),
                ('cause', models.CharField(blank=True, max_length=200, verbose_name='cause')),
                ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='cost')),
                ('satisfaction', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='satisfaction')),
                ('feedback', models.CharField(blank=True, max_length=500)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='customers.customer')),
                ('fact', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ticket', to='facts.fact')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.product')),
                ('rep', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
                ('answered_after', models.PositiveIntegerField(null=True)),
                ('escalated_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reopened', models.PositiveSmallIntegerField(default=0)),
                ('solved_after', models.PositiveIntegerField(null=True)),
                ('waited_minutes', models.PositiveIntegerField(default=0)),
                ('waiting_since', models.DateTimeField(null=True)),
                ('due_at', models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=('waiting', 'solved', 'closed'), then=models.Value(None)), models.When(answered_at__isnull=True, then='answer_by'), default='solve_by'), output_field=models.DateTimeField(null=True))),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-opened_at'], name='service_tic_custome_14f9aa_idx'), models.Index(fields=['owner', 'state'], name='service_tic_owner_i_bfa8b9_idx'), models.Index(fields=['state', 'due_at'], name='service_tic_state_9360e5_idx'), models.Index(fields=['opened_at'], name='service_tic_opened__bf684d_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('satisfaction__isnull', True), ('satisfaction__range', (1, 5)), _connector='OR'), name='satisfaction_1_to_5')],
            },
        ),
        migrations.CreateModel(
            name='TicketRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('complaint', 'Complaint'), ('claim', 'Claim'), ('return', 'Return'), ('repair', 'Repair'), ('question', 'Question')], max_length=10, verbose_name='kind')),
                ('priority', models.CharField(choices=[('urgent', 'Urgent'), ('high', 'High'), ('normal', 'Normal'), ('low', 'Low')], max_length=8, verbose_name='priority')),
                ('answer_hours', models.PositiveSmallIntegerField(verbose_name='answer within working hours')),
                ('solve_hours', models.PositiveSmallIntegerField(verbose_name='solve within working hours')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'priority'), name='one_rule_per_kind')],
            },
        ),
        migrations.CreateModel(
            name='TicketStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Open'), ('working', 'Being worked on'), ('waiting', 'Waiting for the customer'), ('solved', 'Solved'), ('closed', 'Closed')], max_length=8)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='service.ticket')),
                ('act', models.CharField(choices=[('opened', 'Opened'), ('assigned', 'Given to'), ('note', 'Step'), ('solved', 'Solved'), ('closed', 'Closed'), ('reopened', 'Opened again'), ('escalated', 'Deadline missed, told to')], default='note', max_length=9)),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('works', models.BooleanField(default=False, verbose_name='working day')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='occasion')),
            ],
            options={
                'ordering': ['day'],
            },
        ),
    ]
