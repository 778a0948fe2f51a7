"""Sending the example of an operation and rolling it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from django.db import transaction
from rest_framework.test import APIClient

from server.apps.accounts.services.signing import issue_jwt
from server.config.operations import Operation
from server.config.tests.examples import EXAMPLES, Example, places
from server.config.tests.sample_org import SampleOrg

Answer: TypeAlias = Any
PREFIX: Final = "/api/v1/"


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic(), transaction.atomic(using="streamdata"):
        yield
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="streamdata")


def example_of(operation: Operation, home: SampleOrg) -> Example:
    """Returns the example. A PUT without one sends back what was read, as clients do. Raises
    KeyError for another operation that writes and has none.
    """
    if operation.key in EXAMPLES:
        return EXAMPLES[operation.key](home)
    if operation.method in {"GET", "DELETE"}:
        return Example()
    if operation.method == "PUT":
        url = url_of(operation, Example(), home)
        return Example(
            request("GET", url, Example(), authorization=f"JWT {issue_jwt(user=home.owner)}").json()
        )
    raise KeyError(f"examples.py has no example for {operation}")


def url_of(operation: Operation, example: Example, home: SampleOrg) -> str:
    """Raises KeyError for a parameter of the path without a value."""
    return PREFIX + operation.path.format_map({**places(home).get(operation.noun, {}), **example.places})


def send(operation: Operation, home: SampleOrg, *, authorization: str = "", query: str = "") -> Answer:
    example = example_of(operation, home)
    url = url_of(operation, example, home)
    with undone():
        return request(
            operation.method, url, example, authorization=authorization, query=joined(example.query, query)
        )


def request(method: str, url: str, example: Example, *, authorization: str = "", query: str = "") -> Answer:
    client = APIClient(raise_request_exception=False)
    headers: Mapping[str, str] = {"Authorization": authorization} if authorization else {}
    target = f"{url}?{query}" if query else url
    send_it = getattr(client, method.lower())
    if method == "GET":
        return send_it(target, headers=headers)
    return send_it(target, example.body, format=example.format, headers=headers)


def joined(*queries: str) -> str:
    return "&".join(each for each in queries if each)
