from django.db import migrations


class Migration(migrations.Migration):
    """Only the name of the table changes; ``people`` 0004 takes it over with its rows."""

    dependencies = [
        ('service', '0002_working_hours'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable('CalendarDay', 'people_calendarday')],
            state_operations=[migrations.DeleteModel('CalendarDay')],
        ),
    ]
