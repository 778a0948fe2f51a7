"""Live push: who may listen, and what they hear."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import AsyncClient
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.core import live as news
from server.core.live import publish
from server.core.outage import Outage
from server.core.tests.committed import committed
from webapp.views import live

__all__ = ["committed"]

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(databases=["default", "streamdata"]),
    pytest.mark.urls("server.config.live_urls"),
]


@pytest.fixture(autouse=True)
def fresh_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without the memory of an outage."""
    monkeypatch.setattr(news, "outage", Outage("live push is down"))


def ask(
    user: Account | None,
    path: str,
    then: Callable[[HttpResponseBase], Coroutine[Any, Any, Any]] | None = None,
    **headers: str,
) -> Any:
    """The answer, or what `then` makes of it while the connection is open."""

    async def scene() -> Any:
        client = AsyncClient()
        if user is not None:
            await client.aforce_login(user)
        try:
            answer = await client.get(path, headers=headers)
            return answer if then is None else await then(answer)
        finally:
            await sync_to_async(connections.close_all)()  # those of the thread that asked the databases

    return asyncio.run(scene())


async def lines(answer: HttpResponseBase, count: int, meanwhile: Callable[[], object]) -> list[str]:
    """So many pieces of the stream; `meanwhile` happens after the first."""
    assert isinstance(answer, StreamingHttpResponse)
    found: list[str] = []
    stream = cast(AsyncIterator[bytes], answer.streaming_content)
    async with aclosing(stream.__aiter__()) as pieces:  # type: ignore[type-var]  # Django types it as a mere iterator
        async for piece in pieces:
            found.append(piece.decode())
            if len(found) == 1:
                await asyncio.to_thread(meanwhile)
            if len(found) == count:
                break
    return found


def test_a_member_is_notified_of_new_readings(alice: Account, device: Device) -> None:
    message = {"device": device.slug, "streams": [], "report": "r", "stored": 2}

    found = ask(
        alice,
        f"/live/device/{device.slug}/",
        lambda answer: lines(answer, 2, lambda: publish(f"device:{device.slug}", message)),
    )

    assert found == [
        f"retry: {live.RECONNECT_MS}\n\n",
        f'data: {{"device": "{device.slug}", "streams": [], "report": "r", "stored": 2}}\n\n',
    ]


def test_a_project_is_notified_of_its_devices(alice: Account, project: Project) -> None:
    found = ask(
        alice,
        f"/live/project/{project.slug}/",
        lambda answer: lines(answer, 2, lambda: publish(f"project:{project.slug}", {"stored": 1})),
    )

    assert found[1] == 'data: {"stored": 1}\n\n'


def test_the_stream_is_not_kept_or_collected_on_its_way(alice: Account, device: Device) -> None:
    answer = ask(alice, f"/live/device/{device.slug}/")

    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"


@pytest.mark.parametrize("kind", ["device", "project"])
def test_strangers_and_people_who_are_not_signed_in_get_404(
    charlie: Account, device: Device, project: Project, kind: str
) -> None:
    slug = device.slug if kind == "device" else project.slug

    answers = [ask(who, f"/live/{kind}/{slug}/") for who in (charlie, None)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_stream_ends_after_a_while_so_that_rights_are_checked_again(
    alice: Account, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_STREAM_S", 0.0)

    found = ask(
        alice,
        f"/live/device/{device.slug}/",
        lambda answer: lines(answer, 3, lambda: publish(f"device:{device.slug}", {"stored": 1})),
    )

    assert len(found) == 2


def test_without_redis_it_is_503(alice: Account, device: Device, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = ask(alice, f"/live/device/{device.slug}/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://testserver:8000", "http://testserver:8000"),
        ("http://testserver:9999", None),
        ("https://testserver:8000", None),
        ("http://elsewhere:8000", None),
        ("http://testserver.elsewhere", None),
        ("http://[", None),
        ("null", None),
    ],
)
def test_only_the_pages_of_this_host_may_read_the_stream(
    alice: Account, device: Device, settings: Settings, origin: str, allowed: str | None
) -> None:
    settings.LIVE_URL, settings.WEB_PORT = ":8001/live/", 8000

    answer = ask(alice, f"/live/device/{device.slug}/", Origin=origin)

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert answer.headers.get("Access-Control-Allow-Credentials") == (allowed and "true")
    assert "Origin" in answer.headers["Vary"]


def test_where_pages_have_the_same_origin_nobody_else_is_let_in(
    alice: Account, device: Device, settings: Settings
) -> None:
    settings.LIVE_URL = "/live/"

    answer = ask(alice, f"/live/device/{device.slug}/", Origin="http://testserver:8000")

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_open_streams_hold_no_connection_of_postgresql(alice: Account, device: Device) -> None:
    async def scene() -> int:
        client = AsyncClient()
        await client.aforce_login(alice)
        await sync_to_async(connections.close_all)()
        before = await sync_to_async(sessions_of_postgresql)()
        answers = [
            await client.get(f"/live/device/{device.slug}/") for _ in range(live.MAX_STREAMS_PER_PERSON)
        ]
        await sync_to_async(connections.close_all)()  # of the count itself
        after = await sync_to_async(sessions_of_postgresql)()
        for answer in answers:
            answer.close()
        await sync_to_async(connections.close_all)()
        return after - before

    assert asyncio.run(scene()) == 0


def test_a_person_has_so_many_streams_and_no_more(
    alice: Account, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "slots", live.Slots())
    monkeypatch.setattr(live, "MAX_STREAMS_PER_PERSON", 2)

    async def scene() -> list[int]:
        client = AsyncClient()
        await client.aforce_login(alice)
        answers = [await client.get(f"/live/device/{device.slug}/") for _ in range(3)]
        answers[0].close()
        answers.append(await client.get(f"/live/device/{device.slug}/"))
        await sync_to_async(connections.close_all)()
        return [answer.status_code for answer in answers]

    assert asyncio.run(scene()) == [200, 200, 429, 200]


def sessions_of_postgresql() -> int:
    """Beside the one that counts."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user"
        )
        [(count,)] = cursor.fetchall()
    return int(count)
