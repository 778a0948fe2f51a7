"""The URL map of the web process."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from server.config import docs

urlpatterns = [
    path("api/v1/", include("server.config.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", docs.ApiDocs.as_view(url_name="schema"), name="api-docs"),
    path("account/", include("allauth.account.urls")),
    path("", include("webapp.urls")),
]

handler400 = "webapp.views.errors.bad_request"
handler403 = "webapp.views.errors.forbidden"
handler404 = "webapp.views.errors.not_found"
handler500 = "webapp.views.errors.server_error"
