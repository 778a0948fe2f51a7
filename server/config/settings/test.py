"""Tests: real PostgreSQL and Redis named by the environment (`./inv test` starts them), files in
memory."""

import json
import os

# Each process of pytest-xdist has its own databases and ports. The variable is removed, so that a
# program that a test starts uses those of the test.
if process := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.update(json.loads(os.environ.pop("FIELDLINE_TEST_PROCESSES", "{}")).get(process, {}))

# For tools that only read the settings (mypy, import checks); tests need the real values.
for name, value in {
    "SECRET_KEY": "tests only: not a secret, and long enough to say so",
    "SEAL_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_DEFAULT_URL": "postgres://nobody@127.0.0.1:1/none",
    "DATABASE_STREAMDATA_URL": "postgres://nobody@127.0.0.1:1/none_streamdata",
    "CACHE_URL": "redis://127.0.0.1:1/0",
}.items():
    os.environ.setdefault(name, value)

from server.config.settings.base import *  # noqa: E402

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast: tests sign in often
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
QUEUE_BACKEND = "memory"
REQUESTS_A_DAY = 0  # what is counted would be added to the rows, by a query of any later test
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LIVE_URL = "/live/"
WHITENOISE_AUTOREFRESH = True  # static files are not collected for tests
WHITENOISE_USE_FINDERS = True
SITE_ORIGIN = "http://testserver"  # the host of Django's test client
