"""Addresses: one line a room."""

from django.urls import include, path

from shengce.web.api import urls as api

urlpatterns = [
    path("", include("shengce.web.urls")),
    path("people/", include("shengce.people.urls")),
    path("customers/monthly/", include("shengce.cards.urls")),
    path("customers/", include("shengce.customers.urls")),
    path("catalogue/", include("shengce.catalogue.urls")),
    path("sales/", include("shengce.sales.urls")),
    path("recordings/", include("shengce.recordings.urls")),
    path("proposals/", include("shengce.proposals.urls")),
    path("reports/", include("shengce.sheets.urls")),
    path("inspection/", include("shengce.inspection.urls")),
    path("service/", include("shengce.service.urls")),
    path("targets/", include("shengce.targets.urls")),
    path("visits/", include("shengce.visits.urls")),
    path("channel/", include("shengce.channel.urls")),
    path("attainment/", include("shengce.web.attainment_urls")),
    path("plans/", include("shengce.plans.urls")),
    path("claims/", include("shengce.claims.urls")),
    path("exchange/", include("shengce.exchange.urls")),
    path("api/", api),
    path("i18n/", include("django.conf.urls.i18n")),
]
