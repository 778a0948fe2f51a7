"""The URL map of the web process."""

from django.urls import include, path
from django.views.generic.base import RedirectView

from server.config import docs
from server.core.metrics.views import metrics
from server.core.rest.views import Health

urlpatterns = [
    path("api/v1/", include("server.config.api")),
    path("api/schema/", docs.ApiSchema.as_view(), name="schema"),
    path("api/docs/", docs.ApiDocs.as_view(url_name="schema"), name="api-docs"),
    path("account/2fa/", RedirectView.as_view(pattern_name="security")),  # one page for all of it
    path("account/2fa/webauthn/", RedirectView.as_view(pattern_name="security")),
    path("metrics", metrics, name="metrics"),
    path("health/", Health.as_view(), name="health"),
    path("account/", include("allauth.urls")),
    path("", include("webapp.urls")),
]

handler400 = "webapp.views.errors.bad_request"
handler403 = "webapp.views.errors.forbidden"
handler404 = "webapp.views.errors.not_found"
handler500 = "webapp.views.errors.server_error"
