from django.urls import path

from shengce.web.pages import attainment

app_name = "attainment"
urlpatterns = [
    path("", attainment.comparison, name="comparison"),
    path("table.csv", attainment.export, {"file_format": "csv"}, name="csv"),
    path("table.xlsx", attainment.export, {"file_format": "xlsx"}, name="xlsx"),
    path("records/", attainment.record_list, name="records"),
    path("target/", attainment.target, name="target"),
    path("soundness/", attainment.judged, name="judged"),
    path("talks/", attainment.talks, name="talks"),
    path("plan/", attainment.plan, name="plan"),
]
