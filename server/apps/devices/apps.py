from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "server.apps.devices"
    label = "devices"
