from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "shengce.demo"
    label = "demo"
