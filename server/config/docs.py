"""The API's documentation: the OpenAPI document, and the page of Swagger UI that shows it, served
by us."""

import hashlib
from functools import cache
from threading import Lock
from typing import Any, Final

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.encoding import force_bytes
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

_one_at_a_time: Final = Lock()


class ApiSchema(SpectacularAPIView):
    """The OpenAPI document. It takes a second to make, so it is made once in a process."""

    schema = None  # it does not describe itself

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        with _one_at_a_time:
            content, etag = rendered_schema(renderer.media_type)
        headers = {"ETag": etag, "Content-Disposition": f'inline; filename="Fieldline API.{renderer.format}"'}
        return HttpResponse(content, content_type=renderer.media_type, headers=headers)


@cache
def rendered_schema(media_type: str) -> tuple[bytes, str]:
    """Returns the document and its ETag. It depends on the code only, not on the caller."""
    [renderer] = [each() for each in SpectacularAPIView.renderer_classes if each.media_type == media_type]
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    content = force_bytes(renderer.render(document, renderer_context={}))
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


# Swagger UI uses inline styles, which need an exception in the CSP.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class ApiDocs(SpectacularSwaggerSplitView):
    """The split view, which loads its script separately, as our CSP allows no inline scripts."""

    template_name = "api/docs.html"
    http_method_names = ("get", "head")  # DRF's answer to OPTIONS would fail for want of a template
