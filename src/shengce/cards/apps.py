from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "shengce.cards"
    label = "cards"
