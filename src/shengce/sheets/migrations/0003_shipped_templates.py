"""The papers that the program brings, and the daily reports that there are already as papers of the first of them."""

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from django.db import migrations
from django.utils import timezone

DATA = Path(__file__).resolve().parent.parent / "data" / "papers.yaml"
HOUR = 10


def fill(apps: Any, schema_editor: Any) -> None:
    template = apps.get_model("sheets", "PaperTemplate")
    for place, entry in enumerate(yaml.safe_load(DATA.read_text(encoding="utf-8"))):
        template.objects.create(
            code=entry["code"],
            title=entry["title"],
            period=entry["period"],
            form={"sections": entry["sections"]},
            due=entry["due"],
            writers=entry["writers"],
            regular=entry.get("regular", True),
            position=place,
        )
    daily = template.objects.get(code="daily")
    zone = timezone.get_current_timezone()
    paper = apps.get_model("sheets", "Paper")
    for row in paper.objects.filter(template=None).iterator():
        row.template, row.end_on = daily, row.start_on + dt.timedelta(days=1)
        row.due_at = dt.datetime.combine(row.end_on, dt.time(HOUR), tzinfo=zone)
        row.first_submitted_at = row.submitted_at
        row.save(update_fields=["template", "end_on", "due_at", "first_submitted_at"])


class Migration(migrations.Migration):
    dependencies = [("sheets", "0002_papers")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
