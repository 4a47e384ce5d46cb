from django.urls import path

from shengce.recordings import views

app_name = "recordings"
urlpatterns = [
    path("", views.recordings, name="list"),
    path("progress/", views.progress, name="progress"),
    path("upload/", views.upload, name="upload"),
    path("retry-failed/", views.retry_failed, name="retry_failed"),
    path("<int:pk>/", views.recording, name="recording"),
    path("<int:pk>/retry/", views.retry, name="retry"),
    path("<int:pk>/link/", views.link, name="link"),
    path("<int:pk>/audio/", views.audio, name="audio"),
    path("<int:pk>/peaks/", views.peaks, name="peaks"),
]
