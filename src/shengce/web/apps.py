from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "shengce.web"
    label = "web"
