"""The live push process: the same project, with the URL map of the live streams only."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings.embedded")
os.environ["FIELDLINE_PROCESS"] = "live"  # settings choose the URL map by it
application = get_asgi_application()
