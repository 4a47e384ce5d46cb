from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "shengce.exchange"
    label = "exchange"
