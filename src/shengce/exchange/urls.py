from django.urls import path

from shengce.exchange import filled_grid_views, views

app_name = "exchange"
urlpatterns = [
    path("", views.home, name="home"),
    path("imports.csv", views.imports_csv, name="imports"),
    path("upload/", views.upload, name="upload"),
    path("template/<slug:kind>.xlsx", views.template, name="template"),
    path("export/<slug:kind>.<slug:file_format>", views.export, name="export"),
    path("targets/<int:pk>/", filled_grid_views.fill, name="grid"),
    path("targets/<int:pk>/take-over/", filled_grid_views.take_over, name="take_over"),
    path("<int:pk>/", views.job, name="job"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/faults.<slug:file_format>", views.faults, name="faults"),
    path("<int:pk>/sheet/", views.sheet, name="sheet"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/run/", views.run, name="run"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
]
