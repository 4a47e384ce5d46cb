from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_product_line_tree")]

    operations = [
        migrations.AddField(
            model_name="productline",
            name="active",
            field=models.BooleanField(default=True, verbose_name="in use"),
        ),
    ]
