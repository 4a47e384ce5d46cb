from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('proposals', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='proposal',
            name='target',
            field=models.CharField(choices=[('report_line', 'Daily report'), ('task', 'Follow-up task'), ('appointment', 'Appointment'), ('customer_field', 'Customer card'), ('payment_promise', 'Promise to pay'), ('signal', 'Market signal'), ('ticket', 'After-sales ticket')], max_length=16),
        ),
    ]
