import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('proposals', '0001_initial'),
        ('proposals', '0002_ticket_target'),
        ('proposals', '0003_sighting_target'),
    ]

    initial = True

    dependencies = [
        ('customers', '0002_initial'),
        ('facts', '0002_initial'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('recordings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(choices=[('report_line', 'Daily report'), ('task', 'Follow-up task'), ('appointment', 'Appointment'), ('customer_field', 'Customer card'), ('payment_promise', 'Promise to pay'), ('signal', 'Market signal'), ('ticket', 'After-sales ticket'), ('sighting', 'Market sighting')], max_length=16)),
                ('field', models.CharField(blank=True, default='', max_length=24)),
                ('old', models.JSONField(default=dict)),
                ('new', models.JSONField()),
                ('state', models.CharField(choices=[('open', 'To decide'), ('accepted', 'Accepted'), ('edited', 'Accepted with changes'), ('refused', 'Refused')], default='open', max_length=10)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('applied', models.JSONField(default=dict)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='recordings.conversation')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='proposals', to='customers.customer')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='facts.fact')),
                ('rep', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'ordering': ['conversation', 'fact__start_ms', 'pk'],
                'indexes': [models.Index(fields=['rep', 'state', '-made_at'], name='proposals_p_rep_id_58bd6b_idx')],
                'constraints': [models.UniqueConstraint(fields=('fact', 'target', 'field'), name='one_proposal_per_fact_and_target')],
            },
        ),
    ]
