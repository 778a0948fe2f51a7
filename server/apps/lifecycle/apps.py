from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "server.apps.lifecycle"
    label = "lifecycle"
