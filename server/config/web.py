"""The web process: a parent, and child processes that serve Django on one socket."""

import argparse
import os

from django.conf import settings
from django.utils.module_loading import import_string

from server.core.children import Parent
from server.core.web.server import WebServer, listen, serve

STOP_WITHIN_S = 4.0


def main() -> int:
    options = _options()
    application = import_string(options.application)
    # Imported once Django is set up, as the application is; the children share all of it.
    body_limit = import_string("server.core.rest.bodies.body_limit")
    host, _, port = options.bind.rpartition(":")
    listener = listen(host, int(port))

    def work() -> int:
        # Imported by its name: it has a model, which needs Django.
        import_string("server.core.listening.keep_recording")()
        return serve(
            WebServer(
                application,
                listener,
                threads=options.threads,
                body_limit=body_limit,
                url_prefix=settings.FORCE_SCRIPT_NAME or "",
                url_scheme="https" if settings.PUBLIC and settings.PUBLIC.is_https else "http",
            )
        )

    return Parent(
        processes=options.processes,
        work=work,
        stop_within_seconds=STOP_WITHIN_S,
        # A request that ends its process must not leave others without an answer for long.
        first_respawn_s=0.05,
        longest_respawn_s=1.0,
    ).run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m server.config.web", description=__doc__)
    parser.add_argument("--application", default="server.config.wsgi.application")
    parser.add_argument("--bind", default="127.0.0.1:8000", help="host:port")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4, help="requests that a process answers at once")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings.embedded")
    raise SystemExit(main())
