from django.urls import path

from shengce.sheets import views

app_name = "sheets"
urlpatterns = [
    path("", views.reports, name="list"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/draft/", views.draft, name="draft"),
    path("<int:pk>/lines/", views.new_line, name="new_line"),
    path("lines/<int:pk>/", views.change_line, name="line"),
    path("<int:pk>/submit/", views.decide, {"what": "submit"}, name="submit"),
    path("<int:pk>/return/", views.decide, {"what": "return"}, name="return"),
    path("<int:pk>/review/", views.decide, {"what": "review"}, name="review"),
]
