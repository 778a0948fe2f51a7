"""The URL map of /api/v1/: mounts the nouns."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from server.api import schema as schema  # importing it registers it
from server.core.rest.views import NoSuchPath, ServerInfo

urlpatterns: list[URLPattern | URLResolver] = [
    path("server/", ServerInfo.as_view()),
    # First, so that the URL of an upload is not compared with 150 others.
    path("", include("server.api.streamer.urls")),
    path("", include("server.api.in_.urls")),
    path("", include("server.api.account.urls")),
    path("", include("server.api.alias.urls")),
    path("", include("server.api.auth.urls")),
    path("", include("server.api.changes.urls")),
    path("", include("server.api.config.urls")),
    path("", include("server.api.data.urls")),
    path("", include("server.api.datablock.urls")),
    path("", include("server.api.dbstats.urls")),
    path("", include("server.api.device.urls")),
    path("", include("server.api.dt.urls")),
    path("", include("server.api.event.urls")),
    path("", include("server.api.file.urls")),
    path("", include("server.api.location.urls")),
    path("", include("server.api.note.urls")),
    path("", include("server.api.operation.urls")),
    path("", include("server.api.org.urls")),
    path("", include("server.api.ot.urls")),
    path("", include("server.api.production.urls")),
    path("", include("server.api.project.urls")),
    path("", include("server.api.property.urls")),
    path("", include("server.api.sg.urls")),
    path("", include("server.api.stream.urls")),
    path("", include("server.api.variable.urls")),
    path("", include("server.api.vartype.urls")),
    # Only with a slash at the end: without one, Django redirects to the path that has it.
    re_path(r"^(?:.*/)?$", NoSuchPath.as_view()),
]
