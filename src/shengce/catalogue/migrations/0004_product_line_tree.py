from django.db import migrations, models
from django.db.models import deletion


def lay_paths(apps, schema_editor):
    """The lines that are there become roots."""
    ProductLine = apps.get_model("catalogue", "ProductLine")
    for line in ProductLine.objects.all():
        line.path = f"/{line.pk}/"
        line.save(update_fields=["path"])


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_tier_holds_for")]

    operations = [
        migrations.AlterModelOptions(name="productline", options={"ordering": ["path"]}),
        migrations.AddField(
            model_name="productline",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=deletion.PROTECT,
                related_name="children",
                to="catalogue.productline",
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="path",
            field=models.CharField(db_index=True, default="/", editable=False, max_length=255),
        ),
        migrations.RunPython(lay_paths, migrations.RunPython.noop),
    ]
