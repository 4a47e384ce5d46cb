from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "shengce.results"
    label = "results"
