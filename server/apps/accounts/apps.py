from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "server.apps.accounts"
    label = "accounts"
