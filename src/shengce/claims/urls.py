from django.urls import path

from shengce.claims import views

app_name = "claims"
urlpatterns = [
    path("", views.checks, name="checks"),
    path("totals/", views.totals, name="totals"),
    path("claims.csv", views.export, {"file_format": "csv"}, name="csv"),
    path("claims.xlsx", views.export, {"file_format": "xlsx"}, name="xlsx"),
    path("<int:pk>/answer/", views.answer, name="answer"),
]
