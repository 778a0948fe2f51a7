"""The embedded shape with an object store that fails on demand, and without its log."""

from server.config.settings import environment as env
from server.config.settings.embedded import *

ALLOWED_HOSTS = ["127.0.0.1"]
STORAGES["default"] = {
    "BACKEND": "chaos.storage.FailingStorage",
    "OPTIONS": {"location": env.text("OBJECTS_DIR"), "failure_file": str(VAR_DIR / "store-fails-every")},
}
SMALL_REPORT_BYTES = 300  # so that there are reports in rows and reports in files
LOGGING["root"]["level"] = "ERROR"
for _logger in LOGGING["loggers"].values():
    _logger["level"] = "ERROR"
