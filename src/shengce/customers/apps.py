from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "shengce.customers"
    label = "customers"
