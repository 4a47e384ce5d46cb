"""The kinds of spending that a Chinese sales department begins with; the firm changes them as it likes."""

from typing import Any

from django.db import migrations

NAMES = ("广告宣传", "展会", "促销", "走访差旅", "培训", "样品赠品", "业务招待", "渠道支持")


def add(apps: Any, schema_editor: Any) -> None:
    activity = apps.get_model("plans", "Activity")
    activity.objects.bulk_create(activity(name=name, position=place) for place, name in enumerate(NAMES))


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
