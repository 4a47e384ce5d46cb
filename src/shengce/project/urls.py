"""Addresses: one line a room."""

from django.urls import include, path

urlpatterns = [
    path("", include("shengce.web.urls")),
    path("people/", include("shengce.people.urls")),
    path("customers/", include("shengce.customers.urls")),
    path("catalogue/", include("shengce.catalogue.urls")),
    path("recordings/", include("shengce.recordings.urls")),
    path("proposals/", include("shengce.proposals.urls")),
    path("reports/", include("shengce.sheets.urls")),
    path("inspection/", include("shengce.inspection.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
