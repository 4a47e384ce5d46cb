from django.db import migrations

BUILT_IN = (
    ("sales", "销售额", "amount", "元"),
    ("collections", "回款", "amount", "元"),
    ("gross_profit", "毛利", "amount", "元"),
    ("customers", "新增客户", "count", "家"),
    ("visits", "拜访", "count", "次"),
)


def add(apps, schema_editor):
    Metric = apps.get_model("targets", "Metric")
    for position, (code, name, kind, unit) in enumerate(BUILT_IN):
        Metric.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "unit": unit, "position": position}
        )


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_targets")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
