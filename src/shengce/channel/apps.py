from django.apps import AppConfig


class ChannelConfig(AppConfig):
    name = "shengce.channel"
    label = "channel"
