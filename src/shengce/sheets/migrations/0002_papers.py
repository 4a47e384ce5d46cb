"""The daily report becomes one kind of paper among others."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sheets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("title", models.JSONField(default=dict)),
                ("period", models.CharField(choices=[("day", "Day"), ("week", "Week"), ("month", "Month"), ("quarter", "Quarter")], default="month", max_length=8, verbose_name="period")),
                ("form", models.JSONField(default=dict)),
                ("due", models.JSONField(default=dict)),
                ("writers", models.JSONField(default=list)),
                ("regular", models.BooleanField(default=True, verbose_name="expected every period")),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("made_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["position", "code", "-number"]},
        ),
        migrations.AddConstraint(
            "papertemplate",
            models.UniqueConstraint(fields=("code", "number"), name="one_paper_template_per_number"),
        ),
        migrations.RemoveConstraint("dailyreport", "one_report_per_day"),
        migrations.RemoveIndex("dailyreport", "sheets_dail_unit_id_905094_idx"),
        migrations.RemoveConstraint("dailyreportline", "one_line_per_key"),
        migrations.RenameModel("DailyReport", "Paper"),
        migrations.RenameModel("DailyReportLine", "Line"),
        migrations.RenameField("paper", "rep", "owner"),
        migrations.RenameField("paper", "day", "start_on"),
        migrations.RenameField("line", "report", "paper"),
        migrations.AddField("paper", "template", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="sheets.papertemplate")),
        migrations.AddField("paper", "code", models.SlugField(default="daily", max_length=40)),
        migrations.AddField("paper", "end_on", models.DateField(null=True)),
        migrations.AddField("paper", "due_at", models.DateTimeField(null=True)),
        migrations.AddField("paper", "first_submitted_at", models.DateTimeField(null=True)),
        migrations.AddField("line", "values", models.JSONField(blank=True, default=dict)),
        migrations.AddField("line", "typed", models.JSONField(blank=True, default=list)),
        migrations.AddField("line", "link", models.CharField(blank=True, max_length=200)),
        migrations.AlterField("line", "section", models.CharField(max_length=40)),
        migrations.AlterField("line", "key", models.CharField(blank=True, max_length=60)),
        migrations.AlterField("line", "text", models.TextField(blank=True)),
        migrations.AlterField("paper", "owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="papers", to=settings.AUTH_USER_MODEL)),
    ]
