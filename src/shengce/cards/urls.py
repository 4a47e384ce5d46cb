from django.urls import path

from shengce.cards import views

app_name = "cards"
urlpatterns = [
    path("", views.monthly, name="monthly"),
    path("monthly.csv", views.monthly_file, {"file_format": "csv"}, name="monthly_csv"),
    path("monthly.xlsx", views.monthly_file, {"file_format": "xlsx"}, name="monthly_xlsx"),
    path("draft/", views.draft_all, name="draft_all"),
    path("<int:pk>/draft/", views.draft, name="draft"),
]
