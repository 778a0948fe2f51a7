from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "server.apps.files"
    label = "files"
