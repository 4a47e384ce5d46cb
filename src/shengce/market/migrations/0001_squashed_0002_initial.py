import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('market', '0001_initial'),
        ('market', '0002_initial'),
    ]

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('facts', '0001_initial'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('competitor', 'Competitor'), ('price', 'Price'), ('diversion', 'Diversion hint'), ('complaint', 'Complaint')], max_length=12)),
                ('text', models.TextField()),
                ('value', models.JSONField(default=dict)),
                ('heard_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.customer')),
                ('fact', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='signal', to='facts.fact')),
                ('rep', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
        ),
    ]
