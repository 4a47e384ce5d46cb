from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "shengce.intake"
    label = "intake"
