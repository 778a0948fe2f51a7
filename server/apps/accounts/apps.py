from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "server.apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """allauth counts tries and used codes in the default cache, which may forget, and has no
        setting for another one."""
        durable_cache = import_module("server.core.durable").durable_cache
        for module in ("allauth.core.internal.ratelimit", "allauth.mfa.totp.internal.auth"):
            vars(import_module(module))["cache"] = durable_cache
        import_module("server.apps.accounts.adapter")  # has receivers of signals
