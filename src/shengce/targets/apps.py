from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "shengce.targets"
    label = "targets"
