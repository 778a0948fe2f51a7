from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "server.apps.ingest"
    label = "ingest"
