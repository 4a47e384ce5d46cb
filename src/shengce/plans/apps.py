from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "shengce.plans"
    label = "plans"
