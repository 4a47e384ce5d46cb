from django.urls import path, re_path

from shengce.customers import views

app_name = "customers"
urlpatterns = [
    path("", views.customers, name="list"),
    path("new/", views.new_customer, name="new"),
    path("<int:pk>/edit/", views.edit_customer, name="edit"),
    re_path(r"^(?P<pk>\d+)/(?P<what>contact|card|owner)/$", views.change, name="change"),
]
