from django.urls import path, re_path

from shengce.service import views

app_name = "service"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("tickets.csv", views.export, {"file_format": "csv"}, name="csv"),
    path("tickets.xlsx", views.export, {"file_format": "xlsx"}, name="xlsx"),
    path("new/", views.new_ticket, name="new"),
    path("rules/", views.rules, name="rules"),
    path("<int:pk>/", views.ticket, name="ticket"),
    re_path(r"^(?P<pk>\d+)/(?P<what>assign|step|solve|close|reopen|withdraw)/$", views.change, name="change"),
]
