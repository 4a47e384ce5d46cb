from django.apps import AppConfig


class InspectionConfig(AppConfig):
    name = "shengce.inspection"
    label = "inspection"
