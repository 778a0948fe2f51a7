"""The API's documentation page: Swagger UI from our own server. It styles itself in the page, which needs an exception."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView


@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class ApiDocs(SpectacularSwaggerSplitView):
    """The split view: its script is a request of its own, so that the page has none in it."""

    template_name = "api/docs.html"
    http_method_names = ("get", "head")  # DRF would answer OPTIONS by a template without a name
