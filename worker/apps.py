from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import import_string


class WorkerConfig(AppConfig):
    name = "worker"
    label = "worker"

    def ready(self) -> None:
        """With USE_WORKER=False a job runs where it was posted. The queue's models cannot be
        imported any earlier."""
        import_module("server.core.queue").set_inline_runner(_run_inline)
        import_module("server.core.queue.watching.descriptions").set_describer(_describe_registry)


def _run_inline(message: object) -> None:
    """Loads the Actions with the first job that runs inline: most processes never run one."""
    import_string("worker.inline.run_inline")(message)


def _describe_registry() -> object:
    """Loads the Actions with the first page that needs them, for the same reason."""
    return import_string("worker.describing.describe_registry")()
