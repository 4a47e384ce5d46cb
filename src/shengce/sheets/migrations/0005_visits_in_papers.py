"""Visits write into the daily report and the market tour: the next version of both, where the firm has not made its own."""

from pathlib import Path
from typing import Any

import yaml
from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "papers.yaml"
CODES = ("daily", "market_tour")


def renew(apps: Any, schema_editor: Any) -> None:
    template = apps.get_model("sheets", "PaperTemplate")
    for entry in yaml.safe_load(DATA.read_text(encoding="utf-8")):
        newest = template.objects.filter(code=entry["code"]).order_by("-number").first()
        if entry["code"] not in CODES or newest is None or newest.made_by_id is not None:
            continue
        form = {"sections": entry["sections"]}
        if newest.form != form:
            newest.pk, newest.number, newest.form = None, newest.number + 1, form
            newest._state.adding = True
            newest.save()


class Migration(migrations.Migration):
    dependencies = [("sheets", "0004_settled")]
    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
