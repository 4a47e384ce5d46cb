from django.urls import path

from shengce.proposals import views

app_name = "proposals"
urlpatterns = [
    path("<int:pk>/accept/", views.decide, {"answer": "accept"}, name="accept"),
    path("<int:pk>/refuse/", views.decide, {"answer": "refuse"}, name="refuse"),
    path("heard/<int:fact>/<slug:answer>/", views.decide_heard, name="heard"),
    path("<int:pk>/undo/", views.decide, {"answer": "undo"}, name="undo"),
]
