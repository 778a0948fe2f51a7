"""Who guesses from many sides is stopped, and who does not is not."""

from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.test import override_settings
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import Answer
from server.apps.accounts.tests.factories import PASSWORD
from server.core.durable import durable_cache
from server.core.rest.throttling import throttle

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOGIN = "/api/v1/auth/login/"
LOW = {"sign-in": "20/min", "sign-in-address": "5/min", "sign-in-login": "5/hour", "claim": "2/min"}


@pytest.fixture(autouse=True)
def low_limits(db: None) -> Iterator[None]:
    durable_cache.clear()
    with override_settings(REST_FRAMEWORK={**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": LOW}):
        yield


def login(email: str, password: str = "not it", address: str = "10.0.0.1") -> Answer:
    return APIClient().post(LOGIN, {"email": email, "password": password}, format="json", REMOTE_ADDR=address)


def test_weak_point_15_one_password_tried_on_everybody_is_stopped() -> None:
    answers = [login(f"person{number}@example.com") for number in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert list(answers[-1].json()) == ["detail"]


def test_weak_point_15_many_machines_that_guess_one_password_are_stopped(alice: Account) -> None:
    statuses = [login(alice.email, address=f"10.0.0.{number}").status_code for number in range(6)]

    assert statuses == [401] * 5 + [429]


def test_many_machines_that_know_the_password_are_not_stopped(alice: Account) -> None:
    statuses = [login(alice.email, PASSWORD, f"10.0.0.{number}").status_code for number in range(8)]

    assert statuses == [200] * 8


class Counted(APIView):
    throttle_classes = (throttle("claim"),)
    permission_classes = ()

    def get(self, request: object) -> Response:
        return Response()


def ask(user: Account | None, address: str = "10.0.0.1") -> int:
    request = APIRequestFactory().get("/", REMOTE_ADDR=address)
    if user is not None:
        request.user = user
        request._force_auth_user = user  # type: ignore[attr-defined]  # what force_authenticate sets
    return int(Counted.as_view()(request).status_code)


def test_a_scope_counts_each_person_wherever_they_are(alice: Account, bob: Account) -> None:
    of_alice = [ask(alice, address=f"10.0.0.{number}") for number in range(3)]

    assert of_alice == [200, 200, 429]
    assert ask(bob) == 200


def test_a_scope_counts_addresses_while_nobody_is_signed_in() -> None:
    assert [ask(None), ask(None), ask(None), ask(None, address="10.0.0.2")] == [200, 200, 429, 200]


def test_views_of_one_scope_share_their_count() -> None:
    assert throttle("claim") is throttle("claim")
