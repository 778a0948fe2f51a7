"""The two requests that a device makes, over plain HTTP with its own key."""

import http.client
import json
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from server.lib.slugs import SlugError, StreamerSlug

TIMEOUT_S: Final = 15.0
_ANSWER_BYTES: Final = 1 << 20  # no answer to a device is larger
_SHOWN_CHARACTERS: Final = 200


class CloudError(Exception):
    """A request to the server failed."""


class CloudUnavailable(CloudError):
    """The server cannot be reached or has an error: try again later."""


class CloudRefused(CloudError):
    """The server refused the request."""


class Cloud:
    """One server. `interruptible` wraps each request, so that a signal does not have to wait for
    the answer."""

    def __init__(
        self, host: str, port: int, interruptible: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._host = host
        self._port = port
        self._interruptible = interruptible

    def upload(self, *, key: str, data: bytes, received_s: int) -> int:
        """Upload a report. Returns the number of its readings, once the server has stored the file.
        Raises CloudUnavailable or CloudRefused."""
        received = datetime.fromtimestamp(received_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="report.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        answer = self._request(
            "POST",
            f"/api/v1/streamer/report/?timestamp={quote(received)}",
            key,
            body,
            f"multipart/form-data; boundary={boundary}",
        )
        try:
            return int(json.loads(answer)["count"])
        except (ValueError, KeyError, TypeError) as error:
            raise CloudUnavailable(
                f"the answer to POST streamer/report/ cannot be read ({error!r})"
            ) from error

    def acknowledgements(self, *, key: str, slug: str) -> dict[int, int]:
        """Returns the highest stored reading id by streamer index. Raises CloudUnavailable or
        CloudRefused."""
        answer = self._request("GET", f"/api/v1/streamer/?device={slug}", key)
        try:
            return dict(_acknowledgement(streamer) for streamer in json.loads(answer)["results"])
        except (ValueError, KeyError, TypeError, SlugError) as error:
            raise CloudUnavailable(f"the answer to GET streamer/ cannot be read ({error!r})") from error

    def _request(
        self, method: str, path: str, key: str, body: bytes | None = None, content_type: str = ""
    ) -> bytes:
        headers = {"Authorization": f"Device-Key {key}", "Accept": "application/json"}
        if content_type:
            headers["Content-Type"] = content_type
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        try:
            with self._interruptible():
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                answer = response.read(_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise CloudUnavailable(str(error) or repr(error)) from error
        finally:
            connection.close()
        _check(response.status, answer)
        return answer


def _acknowledgement(streamer: dict[str, Any]) -> tuple[int, int]:
    return StreamerSlug.parse(streamer["slug"]).index, int(streamer["last_id"])


def _check(status: int, answer: bytes) -> None:
    reason = f"{status} {answer[:_SHOWN_CHARACTERS].decode(errors='replace')}".strip()
    if status >= 500:
        raise CloudUnavailable(reason)
    if status >= 300:
        raise CloudRefused(reason)
