from django.urls import path

from shengce.sheets import template_views, views

app_name = "sheets"
urlpatterns = [
    path("", views.reports, name="list"),
    path("mine/", views.duties, name="duties"),
    path("open/", views.open_paper, name="open_any"),
    path("open/<slug:code>/", views.open_paper, name="open"),
    path("on-time/", views.on_time, name="punctuality"),
    path("kinds/", template_views.kinds, name="templates"),
    path("kinds/new/", template_views.new, name="new_template"),
    path("kinds/<slug:code>/", template_views.edit, name="template"),
    path("picks/<slug:kind>/", views.picks, name="picks"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/draft/", views.draft, name="draft"),
    path("<int:pk>/lines/", views.new_line, name="new_line"),
    path("<int:pk>/restore/", views.restore, name="restore"),
    path("lines/<int:pk>/", views.change_line, name="line"),
    path("<int:pk>/submit/", views.decide, {"what": "submit"}, name="submit"),
    path("<int:pk>/return/", views.decide, {"what": "return"}, name="return"),
    path("<int:pk>/review/", views.decide, {"what": "review"}, name="review"),
]
