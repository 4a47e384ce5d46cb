from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "shengce.proposals"
    label = "proposals"
