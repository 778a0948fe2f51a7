"""ETag, 304 and 412."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def client(alice: Account) -> APIClient:
    return api_client(alice)


def test_who_has_the_object_already_gets_304(client: APIClient, device: Device) -> None:
    first = client.get(f"/api/v1/device/{device.slug}/")

    second = client.get(f"/api/v1/device/{device.slug}/", headers={"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert (second.status_code, second.content) == (304, b"")


def test_a_changed_object_comes_whole(client: APIClient, device: Device) -> None:
    etag = client.get(f"/api/v1/device/{device.slug}/").headers["ETag"]
    Device.objects.filter(pk=device.pk).update(label="another")

    answer = client.get(f"/api/v1/device/{device.slug}/", headers={"If-None-Match": etag})

    assert answer.status_code == 200
    assert answer.json()["label"] == "another"


def test_a_shared_cache_keeps_no_answer_of_the_api(client: APIClient, device: Device) -> None:
    answer = client.get(f"/api/v1/device/{device.slug}/")

    assert "private" in answer.headers["Cache-Control"]
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


@pytest.mark.usefixtures("db")
def test_a_page_has_no_etag() -> None:
    answer = Client().get("/account/login/")

    assert answer.status_code == 200
    assert "ETag" not in answer.headers


def test_a_write_over_something_newer_is_refused(client: APIClient, device: Device) -> None:
    etag = client.get(f"/api/v1/device/{device.slug}/").headers["ETag"]
    Device.objects.filter(pk=device.pk).update(label="another")

    answer = client.patch(
        f"/api/v1/device/{device.slug}/", {"label": "mine"}, format="json", headers={"If-Match": etag}
    )

    assert answer.status_code == 412
    assert list(answer.json()) == ["detail"]
    device.refresh_from_db()
    assert device.label == "another"


def test_a_write_over_what_was_read_is_done(client: APIClient, device: Device) -> None:
    etag = client.get(f"/api/v1/device/{device.slug}/").headers["ETag"]

    answer = client.patch(
        f"/api/v1/device/{device.slug}/", {"label": "mine"}, format="json", headers={"If-Match": etag}
    )

    device.refresh_from_db()
    assert (answer.status_code, device.label) == (200, "mine")


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_proxy_that_compresses_may_mark_the_etag(client: APIClient, device: Device, coding: str) -> None:
    etag = client.get(f"/api/v1/device/{device.slug}/").headers["ETag"].strip('"')
    marked = f'"{etag}-{coding}"'

    read = client.get(f"/api/v1/device/{device.slug}/", headers={"If-None-Match": marked})
    written = client.patch(
        f"/api/v1/device/{device.slug}/", {"label": "mine"}, format="json", headers={"If-Match": marked}
    )
    late = client.patch(
        f"/api/v1/device/{device.slug}/", {"label": "late"}, format="json", headers={"If-Match": marked}
    )

    assert (read.status_code, written.status_code, late.status_code) == (304, 200, 412)


def test_if_match_reveals_nothing_to_a_stranger(charlie: Account, device: Device) -> None:
    answer = api_client(charlie).patch(
        f"/api/v1/device/{device.slug}/",
        {"label": "mine"},
        format="json",
        headers={"If-Match": '"something"'},
    )

    assert answer.status_code == 404
