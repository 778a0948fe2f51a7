"""Answers that hold a secret: kept by nobody on the way, and not for repeated requests either."""

from typing import Any, Final

from django.http.response import HttpResponseBase
from rest_framework.response import Response

NOT_STORED: Final = {"Cache-Control": "no-store"}


class SecretResponse(Response):
    def __init__(self, data: Any = None, status: int | None = None) -> None:
        super().__init__(data, status=status, headers=NOT_STORED)


def holds_secret(response: HttpResponseBase) -> bool:
    return "no-store" in response.headers.get("Cache-Control", "")
