"""Pages as existing clients expect them: `{"count", "next", "previous", "results"}`. A larger
`page_size` is capped silently."""

from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from server.core.rest.numbers import NO_SUCH_PAGE, parse_positive


class StandardPages(PageNumberPagination):
    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    invalid_page_message = NO_SUCH_PAGE

    def get_page_size(self, request: Request | HttpRequest) -> int:
        query = request.query_params if isinstance(request, Request) else request.GET
        given = query.get("page_size")
        if not given:
            return self.page_size
        try:
            return parse_positive(given, most=self.max_page_size)
        except ValueError as error:
            raise ValidationError({"page_size": [str(error)]}) from error


class LargePages(StandardPages):
    page_size = 1000
    max_page_size = 10_000


class SuperLargePages(StandardPages):
    page_size = 5000
    max_page_size = 20_000
