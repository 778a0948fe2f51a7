"""/api/v1/: mounts each app's REST layer."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from server.core.rest.views import NoSuchPath, ServerInfo

urlpatterns: list[URLPattern | URLResolver] = [
    path("server/", ServerInfo.as_view()),
    path(
        "", include("server.apps.ingest.api.urls")
    ),  # the first: uploads should not be compared with 130 others
    path("", include("server.apps.accounts.api.urls")),
    path("", include("server.apps.devices.api.urls")),
    path("", include("server.apps.streams.api.urls")),
    # With a slash at the end only: without one Django looks for the path that has it, and redirects there.
    re_path(r"^(?:.*/)?$", NoSuchPath.as_view()),
]
