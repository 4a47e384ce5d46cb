from django.urls import path

from shengce.catalogue import price_views, views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("prices/", price_views.prices, name="prices"),
    path("prices/tiers/", price_views.tiers, name="tiers"),
    path("prices/tiers/<int:pk>/", price_views.tiers, name="tier"),
    path("prices/authority/", price_views.authority, name="authority"),
    path("products/<int:pk>/", price_views.product, name="product"),
    path("<slug:what>/new/", views.edit, name="new"),
    path("<slug:what>/<int:pk>/", views.edit, name="edit"),
]
