"""Live push: notifies open pages of new readings. Served by a process of its own (server/config/live_urls.py).

Messages have slugs only; the page fetches the data itself, with its own rights.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import split_domain_port

from server.apps.accounts.selectors.accounts import Person
from server.apps.devices.selectors.devices import device_for, project_for
from server.core.errors import NotFound, Unavailable
from server.core.live import subscribe

RECONNECT_MS: Final = 2000
MAX_STREAM_S: Final = 600.0
"""Then the stream ends and the browser reconnects, so that revoked rights take effect."""

Messages: TypeAlias = AsyncGenerator[dict[str, Any] | None, None]


async def device(request: HttpRequest, slug: str) -> HttpResponseBase:
    return await _push(request, lambda user: f"device:{device_for(user, slug).slug}")


async def project(request: HttpRequest, slug: str) -> HttpResponseBase:
    return await _push(request, lambda user: f"project:{project_for(user, slug).slug}")


async def _push(request: HttpRequest, channel_for: Callable[[Person], str]) -> HttpResponseBase:
    """`channel_for` is the gate: it raises NotFound for objects that are not the user's."""
    user = await request.auser()
    try:
        channel = await sync_to_async(channel_for)(user)
        messages = subscribe(channel)
        await anext(messages)
    except NotFound:
        return _allow_page(request, HttpResponse(status=404))
    except Unavailable:
        return _allow_page(request, HttpResponse(status=503, headers={"Retry-After": "10"}))
    response = StreamingHttpResponse(_events(messages), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # a proxy that buffers the answer would never forward it
    return _allow_page(request, response)


async def _events(messages: Messages) -> AsyncIterator[str]:
    ends_at = asyncio.get_running_loop().time() + MAX_STREAM_S
    async with aclosing(messages):
        yield f"retry: {RECONNECT_MS}\n\n"
        try:
            async for message in messages:
                yield ": still here\n\n" if message is None else f"data: {json.dumps(message)}\n\n"
                if asyncio.get_running_loop().time() >= ends_at:
                    return
        except Unavailable:
            return  # the browser reconnects and gets a 503


def _allow_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Allow pages from another port of this host, as in the embedded shape: browsers treat them as another origin."""
    origin = request.headers.get("Origin", "")
    host, _ = split_domain_port(request.get_host())
    if origin and urlsplit(origin).hostname == host.strip("[]"):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
    response["Vary"] = "Origin"
    return response
