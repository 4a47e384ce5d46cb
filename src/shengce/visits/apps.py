from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "shengce.visits"
    label = "visits"
