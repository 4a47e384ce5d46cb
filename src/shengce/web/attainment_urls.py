from django.urls import path

from shengce.web.pages import attainment, attainment_outlook, attainment_talks

app_name = "attainment"
urlpatterns = [
    path("", attainment.comparison, name="comparison"),
    path("table.csv", attainment.export, {"file_format": "csv"}, name="csv"),
    path("table.xlsx", attainment.export, {"file_format": "xlsx"}, name="xlsx"),
    path("records/", attainment.record_list, name="records"),
    path("target/", attainment_outlook.target, name="target"),
    path("soundness/", attainment_outlook.judged, name="judged"),
    path("talks/", attainment_talks.talks, name="talks"),
    path("plan/", attainment_talks.plan, name="plan"),
]
