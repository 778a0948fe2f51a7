"""WSGI application of the web process."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from server.core.settings_checks import require_safe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings.embedded")
application = get_wsgi_application()
require_safe_settings()
# Imports every view now: before the server forks, so that its workers share them, instead of in the
# first request.
resolve("/")
