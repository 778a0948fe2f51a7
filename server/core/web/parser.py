"""A request whose body is larger than its view takes ends where its headers end."""

from typing import Any, Final

from waitress.parser import HTTPRequestParser

SMALL_BODY_BYTES: Final = 64 * 1024
"""What every view takes."""


class RequestParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """`adj.body_limit` gives the bytes that the view at a path takes.

    A body beyond that is not read. The application sees its declared size and no body, and answers
    413 in its own form (`server.core.rest.bodies`); then the connection is closed.
    """

    refused = False
    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self._is_too_large(self.content_length):
            self._refuse(self.content_length)

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        # Only a chunked body can come this far without having said its size.
        if self.chunked and not self.refused and self._is_too_large(self.body_bytes_received):
            self._refuse(self.body_bytes_received)
            self.error = None
        return consumed

    def _is_too_large(self, size_bytes: int) -> bool:
        # Most bodies are small, and the look into the URL map is spared.
        return size_bytes > SMALL_BODY_BYTES and bool(size_bytes > self.adj.body_limit(self.path))

    def _refuse(self, size_bytes: int) -> None:
        self.close()
        self.refused = self.completed = True
        self.expect_continue = self.chunked = False
        self.body_rcv = None
        self.content_length = 0
        self.headers |= {"CONTENT_LENGTH": str(size_bytes), "CONNECTION": "close"}
