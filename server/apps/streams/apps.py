from django.apps import AppConfig


class StreamsConfig(AppConfig):
    name = "server.apps.streams"
    label = "streams"
