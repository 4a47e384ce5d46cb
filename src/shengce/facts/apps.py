from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "shengce.facts"
    label = "facts"
