"""Every operation refuses query parameters that it does not take, and documents those that it
takes."""

from collections import Counter
from typing import Any, Final

import pytest
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.config.operations import Operation, operations
from server.config.rights import TABLE
from server.config.tests.callers import Caller, Installation
from server.config.tests.sending import example_of, send
from server.core.rest.queries import HARMLESS, parameters_of
from server.core.rest.rights import API_KEY_ONLY, DEVICE_ONLY

ALL: Final = operations()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/schema/?format=json").json()
    return found


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_the_documentation_lists_what_an_operation_takes(
    operation: Operation, document: dict[str, Any]
) -> None:
    documented = document["paths"][f"/api/v1/{operation.path}"][operation.method.lower()]
    names = {each["name"] for each in documented.get("parameters", ()) if each["in"] == "query"}

    taken = parameters_of(operation.view, operation.handler)

    assert names - HARMLESS.keys() == taken - HARMLESS.keys()


@pytest.mark.parametrize("operation", [each for each in ALL if each.method == "GET"], ids=str)
def test_a_view_declares_what_its_reads_take(operation: Operation) -> None:
    handler = getattr(operation.view, operation.handler)
    documented = "schema" in getattr(handler, "kwargs", {})
    filtered = hasattr(operation.view, "filterset_class")

    assert documented or filtered or operation.handler == "retrieve", "extend_schema(parameters=[…]) says"


@pytest.mark.integration
@pytest.mark.parametrize("operation", ALL, ids=str)
def test_an_operation_refuses_a_parameter_that_nobody_knows(
    operation: Operation, installation: Installation, walked: Counter[str]
) -> None:
    caller = _allowed(operation, installation)
    walked["queries: operations"] += 1
    if hasattr(operation.view, "other_parameters"):
        return

    answer = send(
        operation,
        installation.home,
        authorization=caller.authorizations[0],
        query="&".join(filter(None, ["no_such_parameter=1", caller.query])),
    )

    assert answer.status_code == 400, answer.content
    assert answer.json().keys() == {"no_such_parameter"}
    assert "There is no such parameter" in answer.json()["no_such_parameter"][0]


@pytest.mark.integration
@pytest.mark.parametrize("operation", [each for each in ALL if each.method == "GET"], ids=str)
def test_an_operation_takes_what_clients_add_to_every_request(
    operation: Operation, installation: Installation
) -> None:
    caller = _allowed(operation, installation)

    answer = send(
        operation,
        installation.home,
        authorization=caller.authorizations[0],
        query="&".join(filter(None, ["_=1730419200123&page=1&page_size=10", caller.query])),
    )

    assert answer.status_code in example_of(operation, installation.home).answers


def _allowed(operation: Operation, installation: Installation) -> Caller:
    right = TABLE[operation.key]
    machines = {API_KEY_ONLY.needs: f"key {right.scope}", DEVICE_ONLY.needs: "device"}
    return installation.caller(machines.get(right.needs, "staff"))


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", "streamdata"])
class TestOneQuery:
    def test_the_answer_lists_what_there_is(self, alice: Account) -> None:
        answer = api_client(alice).get("/api/v1/propertytemplate/", {"orgg": "north-water"})

        assert (answer.status_code, answer.json()) == (
            400,
            {
                "orgg": [
                    "There is no such parameter: name, org are taken here, and everywhere _, format, page, "
                    "page_size, staff."
                ]
            },
        )

    def test_who_is_not_signed_in_hears_that_first(self) -> None:
        assert Client().get("/api/v1/device/", {"colour": "red"}).status_code == 401

    def test_a_parameter_twice_is_refused(self, alice: Account) -> None:
        answer = api_client(alice).get("/api/v1/device/?sg=saver-v1-0-0&sg=edge-v1-0-0")

        assert answer.status_code == 400
        assert answer.json().keys() == {"sg"}

    def test_a_parameter_twice_with_the_same_value_is_one(self, alice: Account) -> None:
        assert api_client(alice).get("/api/v1/device/?all=1&all=1").status_code == 200

    def test_a_second_question_mark_is_no_way_around(self, alice: Account) -> None:
        answer = api_client(alice).get("/api/v1/device/", QUERY_STRING="all=1?colour=red")

        assert answer.status_code == 400
        assert answer.json().keys() == {"colour"}

    def test_a_bare_question_mark_is_nothing(self, alice: Account) -> None:
        assert api_client(alice).get("/api/v1/device/?").status_code == 200

    def test_head_is_as_get(self, alice: Account) -> None:
        assert api_client(alice).head("/api/v1/device/", {"colour": "red"}).status_code == 400

    def test_a_write_with_an_unknown_parameter_changes_nothing(self, alice: Account) -> None:
        answer = api_client(alice).post("/api/v1/org/?dry_run=1", {"name": "North Water 2"})

        assert answer.status_code == 400
        assert api_client(alice).get("/api/v1/org/", {"search": "North Water 2"}).json()["count"] == 0

    @pytest.mark.parametrize("path", ["/api/docs/?script=", "/api/schema/?lang=de&format=json"])
    def test_the_documentation_has_parameters_of_its_own(self, path: str) -> None:
        assert Client().get(path).status_code == 200
