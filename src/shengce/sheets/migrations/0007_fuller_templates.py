"""The papers that the program brings get the sections that were missing: the next version, where the firm has not made its own."""

from pathlib import Path
from typing import Any

import yaml
from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "papers.yaml"


def renew(apps: Any, schema_editor: Any) -> None:
    template = apps.get_model("sheets", "PaperTemplate")
    for entry in yaml.safe_load(DATA.read_text(encoding="utf-8")):
        newest = template.objects.filter(code=entry["code"]).order_by("-number").first()
        if newest is None or newest.made_by_id is not None:
            continue
        form = {"sections": entry["sections"]}
        if newest.form != form:
            newest.pk, newest.number, newest.form = None, newest.number + 1, form
            newest._state.adding = True
            newest.save()


class Migration(migrations.Migration):
    dependencies = [("sheets", "0006_picks_and_excuses")]
    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
