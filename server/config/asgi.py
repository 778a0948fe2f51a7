"""ASGI application of the live push process: the same project, with only the URLs of live push."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings.embedded")
os.environ["FIELDLINE_PROCESS"] = "live"  # the settings choose the URL map by it
application = get_asgi_application()
