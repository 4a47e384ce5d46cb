from django.urls import path

from shengce.claims import views

app_name = "claims"
urlpatterns = [
    path("", views.checks, name="checks"),
    path("<int:pk>/answer/", views.answer, name="answer"),
]
