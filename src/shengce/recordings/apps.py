from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "shengce.recordings"
    label = "recordings"
