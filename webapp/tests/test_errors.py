"""What a person sees when something is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.core.errors import Forbidden, Unavailable
from server.core.tests.committed import committed
from webapp.tests.stored import report_of, upload_report
from webapp.views import errors
from webapp.views.page import PageRequest, page

__all__ = ["committed"]

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@page
def forbidden(request: PageRequest) -> HttpResponse:
    raise Forbidden()


@page
def unavailable(request: PageRequest) -> HttpResponse:
    raise Unavailable("The object store did not answer.")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


urlpatterns = [path("forbidden/", forbidden), path("unavailable/", unavailable), path("broken/", broken)]
handler403, handler500 = "webapp.views.errors.forbidden", "webapp.views.errors.server_error"


@contextmanager
def unavailable_database(alias: str) -> Iterator[None]:
    """As if that database had gone, for this process."""
    connection = connections[alias]
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port


def test_a_page_that_is_not_there_is_in_our_dress(client: Client) -> None:
    answer = client.get("/no/such/page")

    assert answer.status_code == 404
    assert "Back to the overview" in answer.content.decode()


@pytest.mark.urls("webapp.tests.test_errors")
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/forbidden/", 403, "You may not do this"),
        ("/unavailable/", 503, "The object store did not answer."),
        ("/broken/", 500, "Something went wrong"),
    ],
)
def test_each_error_has_its_page(alice: Account, address: str, status: int, words: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)

    answer = client.get(address)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "a fault of ours" not in answer.content.decode()


def test_a_request_that_makes_no_sense_has_its_page(settings: Settings) -> None:
    answer = errors.bad_request(RequestFactory().get("/"), ValueError("inside"))

    assert answer.status_code == 400
    assert "This request is not valid" in answer.content.decode()
    assert "inside" not in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?tab=readings", "?tab=reports"])
def test_a_device_page_opens_while_the_stream_data_database_is_unavailable(
    as_alice: Client, alice: Account, device: Device, query: str
) -> None:
    upload_report(device, alice, report_of(device, [1]))

    with unavailable_database("streamdata"):
        answer = as_alice.get(f"/device/{device.slug}/{query}")

    assert answer.status_code == 200
    assert "Data is temporarily unavailable." in answer.content.decode()


def test_the_overview_and_a_project_open_while_the_stream_data_database_is_unavailable(
    as_alice: Client, alice: Account, device: Device
) -> None:
    upload_report(device, alice, report_of(device, [1]))
    assert device.project is not None

    with unavailable_database("streamdata"):
        answers = [as_alice.get("/"), as_alice.get(f"/project/{device.project.slug}/")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("Data is temporarily unavailable." in answer.content.decode() for answer in answers)


def test_an_upload_is_accepted_while_the_stream_data_database_is_unavailable(
    as_alice: Client, alice: Account, device: Device
) -> None:
    with unavailable_database("streamdata"):
        report = upload_report(device, alice, report_of(device, [1]))
        answer = as_alice.get(f"/device/{device.slug}/?tab=reports")

    assert report.status == "received"
    assert "Waiting" in answer.content.decode()


def test_pages_answer_503_while_the_core_database_is_unavailable(alice: Account) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)

    with unavailable_database("default"):
        answer = client.get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Temporarily unavailable" in answer.content.decode()


def test_an_old_form_is_refused_by_a_page_of_ours(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/account/login/", {"login": "a@b.example", "password": "x"}
    )

    assert answer.status_code == 403
    assert "This form is no longer valid" in answer.content.decode()
