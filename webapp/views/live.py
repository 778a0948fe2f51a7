"""Live push: notifies open pages of new readings. Served by a process of its own
(server/config/live_urls.py).

Messages have slugs only; the page fetches the data itself, with its own rights.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final, TypeAlias

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import split_domain_port

from server.apps.accounts.selectors.accounts import Person
from server.apps.devices.selectors.devices import device_for, project_for
from server.core.errors import NotFound, Unavailable
from server.core.live import subscribe

RECONNECT_MS: Final = 2000
MAX_STREAM_S: Final = 600.0
"""Then the stream ends and the browser reconnects, so that revoked rights take effect."""

MAX_STREAMS_PER_PERSON: Final = 20
MAX_STREAMS: Final = 2000
"""Of this process. A stream costs a connection to Redis and some memory, and none to PostgreSQL."""

Messages: TypeAlias = AsyncGenerator[dict[str, Any] | None, None]


class Slots:
    """The open streams, counted by account. Used in the event loop only."""

    def __init__(self) -> None:
        self._taken: Counter[object] = Counter()

    def take(self, account_id: object) -> "Slot | None":
        """Returns None when the person, or the process, has as many streams as are allowed."""
        if self._taken[account_id] >= MAX_STREAMS_PER_PERSON or self._taken.total() >= MAX_STREAMS:
            return None
        self._taken[account_id] += 1
        return Slot(self, account_id)

    def release(self, account_id: object) -> None:
        self._taken[account_id] -= 1
        if not self._taken[account_id]:
            del self._taken[account_id]


class Slot:
    """One open stream; `release` may be called more than once."""

    def __init__(self, slots: Slots, account_id: object) -> None:
        self._slots: Slots | None = slots
        self._account_id = account_id

    def release(self) -> None:
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.release(self._account_id)


slots = Slots()


async def device(request: HttpRequest, slug: str) -> HttpResponseBase:
    return await _push(request, lambda user: f"device:{device_for(user, slug).slug}")


async def project(request: HttpRequest, slug: str) -> HttpResponseBase:
    return await _push(request, lambda user: f"project:{project_for(user, slug).slug}")


async def _push(request: HttpRequest, channel_for: Callable[[Person], str]) -> HttpResponseBase:
    """`channel_for` is the gate: it raises NotFound for objects that are not the user's."""
    try:
        user = await request.auser()
        channel = await sync_to_async(channel_for)(user)
    except NotFound:
        return _allow_page(request, HttpResponse(status=404))
    finally:
        # A page may stay open for a day: a connection that it kept would be missing for everybody
        # else.
        await sync_to_async(connections.close_all)()
    slot = slots.take(user.pk)
    if slot is None:
        return _allow_page(request, HttpResponse(status=429, headers={"Retry-After": "60"}))
    messages = subscribe(channel)
    try:
        await anext(messages)
    except Unavailable:
        slot.release()
        return _allow_page(request, HttpResponse(status=503, headers={"Retry-After": "10"}))
    except BaseException:
        slot.release()
        raise
    response = StreamingHttpResponse(EventStream(messages, slot), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # a proxy that buffers the answer would never forward it
    return _allow_page(request, response)


class EventStream:
    """The answer's body. Django closes it however the answer ends, also when it was never begun."""

    def __init__(self, messages: Messages, slot: Slot) -> None:
        self._messages = messages
        self._slot = slot

    def __aiter__(self) -> AsyncIterator[str]:
        return _events(self._messages)

    def close(self) -> None:
        self._slot.release()


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
    """Allow pages from another port of this host, as in the embedded shape: browsers treat them as
    another origin."""
    origin = request.headers.get("Origin", "")
    if origin and origin == _origin_of_pages(request):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
    response["Vary"] = "Origin"
    return response


def _origin_of_pages(request: HttpRequest) -> str | None:
    """None where pages and live push have one origin, and browsers ask for no permission."""
    if not settings.LIVE_URL.startswith(":"):
        return None
    host, _ = split_domain_port(request.get_host())
    return f"{request.scheme}://{host}:{settings.WEB_PORT}"
