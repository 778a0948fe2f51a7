"""The API's documentation page: Swagger UI, served by us. It uses inline styles, which need an
exception in the CSP."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView


@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class ApiDocs(SpectacularSwaggerSplitView):
    """The split view, which loads its script separately, as our CSP allows no inline scripts."""

    template_name = "api/docs.html"
    http_method_names = ("get", "head")  # DRF's answer to OPTIONS would fail for want of a template
