from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "shengce.claims"
    label = "claims"
