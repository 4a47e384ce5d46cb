from django.apps import AppConfig


class AttainmentConfig(AppConfig):
    name = "shengce.attainment"
    label = "attainment"
