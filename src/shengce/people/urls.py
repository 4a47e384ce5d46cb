from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from shengce.people import calendar_views, invitation_views, token_views, views

app_name = "people"
urlpatterns = [
    path("sign-in/", login_not_required(views.SignIn.as_view()), name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path(
        "welcome/<str:uidb64>/<str:token>/",
        login_not_required(invitation_views.Welcome.as_view()),
        name="welcome",
    ),
    path("password/", invitation_views.OwnPassword.as_view(), name="own_password"),
    path("invitations/", invitation_views.invite, name="invitations"),
    path("<int:pk>/invitation/", invitation_views.invite_person, name="invitation"),
    path("", views.people, name="list"),
    path("new/", views.new_person, name="new"),
    path("units/new/", views.new_unit, name="new_unit"),
    path("units/<int:pk>/", views.edit_unit, name="unit"),
    path("territories/", views.territories, name="territories"),
    path("territories/new/", views.edit_territory, name="new_territory"),
    path("territories/<int:pk>/", views.edit_territory, name="territory"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", token_views.revoke, name="revoke_token"),
    path("<int:pk>/", views.person, name="person"),
    re_path(r"^(?P<pk>\d+)/(?P<what>details|place|password)/$", views.change_person, name="change"),
]
