from django.urls import path

from shengce.sheets import absence_views, list_views, template_views, views

app_name = "sheets"
urlpatterns = [
    path("", list_views.reports, name="list"),
    path("papers.csv", list_views.reports_file, {"file_format": "csv"}, name="csv"),
    path("papers.xlsx", list_views.reports_file, {"file_format": "xlsx"}, name="xlsx"),
    path("mine/", views.duties, name="duties"),
    path("open/", views.open_paper, name="open_any"),
    path("open/<slug:code>/", views.open_paper, name="open"),
    path("on-time/", list_views.punctuality, name="punctuality"),
    path("on-time/table.csv", list_views.punctuality_file, {"file_format": "csv"}, name="punctuality_csv"),
    path("on-time/table.xlsx", list_views.punctuality_file, {"file_format": "xlsx"}, name="punctuality_xlsx"),
    path("absences/", absence_views.absences, name="absences"),
    path("absences/<int:pk>/confirm/", absence_views.confirm, name="confirm_absence"),
    path("absences/<int:pk>/withdraw/", absence_views.withdraw, name="withdraw_absence"),
    path("kinds/", template_views.kinds, name="templates"),
    path("kinds/new/", template_views.new, name="new_template"),
    path("kinds/<slug:code>/", template_views.edit, name="template"),
    path("kinds/<slug:code>/blank/", template_views.blank, name="blank"),
    path("picks/<slug:kind>/", views.picks, name="picks"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/paper.csv", views.paper_file, {"file_format": "csv"}, name="paper_csv"),
    path("<int:pk>/paper.xlsx", views.paper_file, {"file_format": "xlsx"}, name="paper_xlsx"),
    path("<int:pk>/draft/", views.draft, name="draft"),
    path("<int:pk>/lines/", views.new_line, name="new_line"),
    path("<int:pk>/restore/", views.restore, name="restore"),
    path("lines/<int:pk>/", views.change_line, name="line"),
    path("<int:pk>/submit/", views.decide, {"what": "submit"}, name="submit"),
    path("<int:pk>/return/", views.decide, {"what": "return"}, name="return"),
    path("<int:pk>/review/", views.decide, {"what": "review"}, name="review"),
]
