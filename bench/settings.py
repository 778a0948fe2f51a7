"""The embedded shape without its log, on the databases of the benchmark."""

from server.config.settings.embedded import *

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
LOGGING["root"]["level"] = "ERROR"
for _logger in LOGGING["loggers"].values():
    _logger["level"] = "ERROR"
