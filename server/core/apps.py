from importlib import import_module

from django.apps import AppConfig
from django.core.checks import Tags, register

from server.core.settings_checks import check_sign_up


class CoreConfig(AppConfig):
    name = "server.core"
    label = "core"

    def ready(self) -> None:
        """Register the checks of the settings, and the queue's figures for `/metrics`. Its models
        cannot be imported any earlier."""
        register(check_sign_up, Tags.security)
        import_module("server.core.metrics").register_collector(
            import_module("server.core.queue.watching.measuring").QueueFigures()
        )
