from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "server.apps.activity"
    label = "activity"
