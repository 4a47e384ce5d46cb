from django.urls import path

from shengce.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("<slug:what>/new/", views.edit, name="new"),
    path("<slug:what>/<int:pk>/", views.edit, name="edit"),
]
