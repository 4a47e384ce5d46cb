from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "shengce.people"
    label = "people"
