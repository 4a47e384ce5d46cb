from django.urls import path

from shengce.catalogue import cost_views, price_views, views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("prices/", price_views.prices, name="prices"),
    path("prices/tiers/", price_views.tiers, name="tiers"),
    path("prices/tiers/<int:pk>/", price_views.tiers, name="tier"),
    path("prices/authority/", price_views.authority, name="authority"),
    path("products/<int:pk>/", price_views.product, name="product"),
    path("products/<int:pk>/cost/", cost_views.save, name="cost"),
    path("costs/<int:pk>/remove/", cost_views.remove, name="remove_cost"),
    path("<slug:what>/new/", views.edit, name="new"),
    path("<slug:what>/<int:pk>/", views.edit, name="edit"),
]
