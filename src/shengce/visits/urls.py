from django.urls import path, re_path

from shengce.visits import (
    appointment_views,
    calendar_views,
    files,
    place_views,
    quota_views,
    route_views,
    task_views,
    visit_views,
)

FORMAT = r"(?P<file_format>csv|xlsx)"
app_name = "visits"
urlpatterns = [
    path("routes/", route_views.routes, name="routes"),
    path("routes/rules/", place_views.rules, name="rules"),
    path("routes/of/<int:pk>/", route_views.route, name="route"),
    path("routes/of/<int:pk>/plan/", route_views.plan, name="plan"),
    path("routes/of/<int:pk>/day/", place_views.base, name="base"),
    re_path(
        r"^routes/version/(?P<pk>\d+)/(?P<what>start|discard)/$",
        route_views.change_route,
        name="change_route",
    ),
    path("routes/stops/<int:pk>/", route_views.change_stop, name="change_stop"),
    path("routes/places/", place_views.places, name="places"),
    path("routes/places/<int:pk>/", place_views.place, name="place"),
    path("", visit_views.visits, name="list"),
    re_path(rf"^visits\.{FORMAT}$", files.visits_file, name="visits_file"),
    re_path(rf"^week/done\.{FORMAT}$", files.week_file, name="week_file"),
    re_path(rf"^appointments/appointments\.{FORMAT}$", files.appointments_file, name="appointments_file"),
    re_path(rf"^tasks/tasks\.{FORMAT}$", files.tasks_file, name="tasks_file"),
    path("week/", visit_views.week, name="week"),
    path("check-in/", visit_views.check_in, name="check_in"),
    path("<int:pk>/", visit_views.visit, name="visit"),
    re_path(r"^(?P<pk>\d+)/(?P<what>leave|withdraw|place)/$", visit_views.change, name="change"),
    path("stops/add/", visit_views.add_stop, name="add_stop"),
    path("stops/<int:pk>/take-off/", visit_views.take_off_stop, name="take_off_stop"),
    path("working-days/", calendar_views.save_day, name="save_calendar_day"),
    path("working-days/<int:pk>/remove/", calendar_views.remove_day, name="remove_calendar_day"),
    path("appointments/", appointment_views.appointments, name="appointments"),
    path("appointments/new/", appointment_views.new, name="new_appointment"),
    re_path(
        r"^appointments/(?P<pk>\d+)/(?P<what>confirm|move|cancel|kept|no-show)/$",
        appointment_views.change,
        name="change_appointment",
    ),
    path("tasks/", task_views.tasks, name="tasks"),
    path("tasks/new/", task_views.new, name="new_task"),
    re_path(r"^tasks/(?P<pk>\d+)/(?P<what>done|reopen)/$", task_views.change, name="change_task"),
    path("quotas/", quota_views.quotas, name="quotas"),
    path("quotas/of/<int:pk>/<slug:measure>/", quota_views.counted, name="counted"),
    path("quotas/new/", quota_views.edit, name="new_quota"),
    path("quotas/<int:pk>/", quota_views.edit, name="quota"),
    path("quotas/<int:pk>/end/", quota_views.end, name="end_quota"),
]
