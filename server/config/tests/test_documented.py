"""The API's documentation is true: whatever comes in, what goes out is as it says, and never a 5xx.

schemathesis makes the requests from the documentation; half of them have the path of an object that
exists, so that they get past the gate. Each is sent as owner, member, stranger and anonymous.
"""

from collections import Counter
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.config.operations import Operation, operations
from server.config.tests.callers import Installation
from server.config.tests.examples import EXAMPLES, places
from server.config.tests.sending import PREFIX, undone
from stack.examples import examples

pytestmark = pytest.mark.integration

ALL: Final = operations()
CALLERS: Final = ("owner", "member", "stranger", "anonymous")
EXAMPLES_EACH: Final = 3
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def documented(installation: Installation) -> Any:
    return schemathesis.openapi.from_dict(Client().get("/api/schema/?format=json").json())


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_an_operation_answers_as_documented(
    operation: Operation, documented: Any, installation: Installation, walked: Counter[str]
) -> None:
    described = documented[PREFIX + operation.path][operation.method]
    real = _path_of(operation, installation)

    @settings(
        max_examples=examples(EXAMPLES_EACH),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(), to_a_real_one=st.booleans())
    def sent(case: Any, to_a_real_one: bool) -> None:
        if real and to_a_real_one:
            case.path_parameters = real
        for name in CALLERS:
            _send(case, installation.caller(name).authorizations[0])
            walked["schemathesis: cases"] += 1

    sent()
    walked["schemathesis: operations"] += 1


def _send(case: Any, authorization: str) -> None:
    """Through Django's own client: its requests share the transaction of the test."""
    case.cookies, case.headers = {}, {}
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    where = urlsplit(str(asked.url))
    headers = {"Authorization": authorization} if authorization else {}
    with undone():
        answer = Client(raise_request_exception=False).generic(
            str(asked.method),
            f"{where.path}?{where.query}",
            asked.body or b"",
            content_type=str(asked.headers.get("Content-Type", "application/octet-stream")),
            headers={**headers, "Accept": "*/*"},
        )
        response = _as_it_went_out(answer, asked)
    case.validate_response(response, checks=CHECKS)


def _as_it_went_out(answer: Any, asked: requests.PreparedRequest) -> Response:
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=b"".join(answer.streaming_content) if answer.streaming else answer.content,
        request=asked,
        elapsed=0.0,
        verify=False,
    )


def _path_of(operation: Operation, installation: Installation) -> dict[str, str]:
    known = dict(places(installation.home).get(operation.noun, {}))
    if operation.key in EXAMPLES:
        known |= EXAMPLES[operation.key](installation.home).places
    return {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}
