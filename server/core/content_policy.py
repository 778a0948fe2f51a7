"""The Content-Security-Policy of pages, from the settings, and of everything that is no page."""

from typing import Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


class ContentPolicyMiddleware(CSPMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            # A browser that shows it loads nothing for it. Building the policy of pages would cost
            # an upload 4% of its time.
            response.headers.setdefault(HEADER, NOTHING)
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer
