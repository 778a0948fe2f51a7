"""`/metrics` of the web processes and of live push."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from server.core.metrics.access import may_read
from server.core.metrics.exposition import CONTENT_TYPE, exposition


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answers 404 to callers who may not read it."""
    if not may_read(address=request.META.get("REMOTE_ADDR", ""), headers=request.headers):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
