from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "server.core"
    label = "core"

    def ready(self) -> None:
        """Register the queue's figures for `/metrics`. Its models cannot be imported any
        earlier."""
        import_module("server.core.metrics").register_collector(
            import_module("server.core.queue.watching.measuring").QueueFigures()
        )
