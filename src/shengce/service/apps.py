from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "shengce.service"
    label = "service"
