from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "shengce.market"
    label = "market"
