"""Devices, programs and people may send so many requests on one day."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from server.api.quota import RequestQuota
from server.api.tests.json_clients import json_client
from server.api.tests.programs import program_client
from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.devices.models import Device, Project
from server.apps.devices.services.keys import issue_upload_key
from server.apps.streams.tests.factories import make_claimed_device
from server.core import quotas

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture(autouse=True)
def two_requests_a_day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REQUESTS_A_DAY = 2
    monkeypatch.setattr(quotas, "_uses", {})
    monkeypatch.setattr(quotas, "_next_add_at_s", float("inf"))


def device_client(device: Device) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Device-Key {issue_upload_key(device=device, by=None)}")
    return client


def statuses(client: APIClient, path: str, times: int) -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def test_a_person_over_the_quota_is_answered_429_with_a_time_to_wait(alice: Account, bob: Account) -> None:
    client = json_client(alice)
    client.get("/api/v1/device/")
    client.get("/api/v1/project/")

    answer = client.get("/api/v1/device/")

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 86_400
    sentence = "Your account has used its 2 requests of today. The next day begins at 00:00 UTC."
    assert answer.json() == {"detail": sentence}
    assert statuses(json_client(bob), "/api/v1/device/", 1) == [200]


def test_devices_and_programs_use_the_quota_of_their_organisation(
    acme: Org, project: Project, device: Device
) -> None:
    other = make_claimed_device(project=project)
    statuses(device_client(device), "/api/v1/streamer/", 1)
    statuses(device_client(other), "/api/v1/streamer/", 1)

    answer = program_client(acme, OrgApiKey.Scope.PRODUCTION).get("/api/v1/production/device/")

    assert answer.status_code == 429
    assert "The organisation has used its 2 requests" in answer.json()["detail"]


def test_a_person_does_not_use_the_quota_of_an_organisation(alice: Account, device: Device) -> None:
    statuses(json_client(alice), "/api/v1/device/", 2)

    assert statuses(device_client(device), "/api/v1/streamer/", 1) == [200]


def test_counting_costs_a_request_no_query(
    alice: Account, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = json_client(alice)
    settings.REQUESTS_A_DAY = 0
    with CaptureQueriesContext(connection) as uncounted:
        client.get("/api/v1/project/")
    settings.REQUESTS_A_DAY = 100

    with django_assert_num_queries(len(uncounted)):
        client.get("/api/v1/project/")


def test_every_view_is_counted_or_has_a_limit_of_its_own() -> None:
    views = list(api_views(get_resolver().url_patterns))
    own = configured.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]

    uncounted = [
        view.__name__
        for view in views
        if view.authentication_classes
        and not any(
            kind is RequestQuota or getattr(kind, "scope", "") in own for kind in view.throttle_classes
        )
    ]

    assert len(views) > 100
    assert uncounted == []


def api_views(patterns: list[Any]) -> Iterator[Any]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from api_views(each.url_patterns)
        elif isinstance(each, URLPattern):
            view = getattr(each.callback, "cls", None) or getattr(each.callback, "view_class", None)
            if hasattr(view, "throttle_classes"):
                yield view
