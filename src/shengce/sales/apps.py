from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "shengce.sales"
    label = "sales"
