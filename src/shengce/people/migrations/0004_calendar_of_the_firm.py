from django.db import migrations, models


class Migration(migrations.Migration):
    """The firm's own days stand below every room that plans; their rows come from ``service`` (its 0003) as they are."""

    dependencies = [
        ('people', '0003_api_tokens'),
        ('service', '0003_calendar_moves_to_people'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
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
            ],
        ),
    ]
