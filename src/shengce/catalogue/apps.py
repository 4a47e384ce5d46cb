from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "shengce.catalogue"
    label = "catalogue"
