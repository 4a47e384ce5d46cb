from django.urls import path, re_path

from shengce.targets import negotiation_views, set_views, views

app_name = "targets"
urlpatterns = [
    path("", set_views.sets, name="list"),
    path("mine/", negotiation_views.mine, name="mine"),
    path("metrics/", set_views.metric_page, name="metrics"),
    path("<int:pk>/", views.grid_page, name="grid"),
    re_path(r"^(?P<pk>\d+)/cell/(?P<what>type|split|lock|undo)/$", views.change, name="change"),
    path("<int:pk>/own/", views.own_numbers, name="own"),
    path("<int:pk>/grid.csv", views.export, {"file_format": "csv"}, name="csv"),
    path("<int:pk>/grid.xlsx", views.export, {"file_format": "xlsx"}, name="xlsx"),
    path("<int:pk>/version/", set_views.version_page, name="version"),
    re_path(
        r"^(?P<pk>\d+)/version/(?P<what>negotiate|approve|adjust|ratios|levels)/$", set_views.act, name="act"
    ),
    path("<int:pk>/hand-over/", set_views.hand_over, name="hand_over"),
    path("<int:pk>/words/", set_views.words, name="words"),
    path("words/<int:pk>/judge/", set_views.judge, name="judge"),
    path("<int:pk>/negotiation/", negotiation_views.overview, name="negotiations"),
    path("<int:pk>/negotiation/<slug:code>/", negotiation_views.propose, name="propose"),
    path("negotiation/<int:pk>/", negotiation_views.negotiation, name="negotiation"),
    path("negotiation/<int:pk>/sign/", negotiation_views.sign, name="sign"),
]
