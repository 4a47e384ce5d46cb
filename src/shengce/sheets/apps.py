from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "shengce.sheets"
    label = "sheets"
