"""`/metrics`: what is counted, under which names, and who may read it."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from server.core.metrics import exposition
from server.core.metrics.access import may_read
from server.core.metrics.listener import Listener
from server.core.metrics.requests import measure_requests

pytestmark = pytest.mark.integration
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(name: str, **labels: str) -> float:
    """Of this process; 0 while there is none."""
    return samples(exposition().decode()).get((name, tuple(sorted(labels.items()))), 0.0)


def status(client: Client, path: str = "/metrics", **headers: str) -> int:
    return client.get(path, headers=headers).status_code


@pytest.mark.django_db
def test_figures_are_shown_to_this_machine(client: Client) -> None:
    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    names = {name for name, _ in samples(answer.content.decode())}
    assert {"fieldline_queue_up", "fieldline_queue_jobs", "fieldline_process_resident_bytes"} <= names


@pytest.mark.django_db
def test_nobody_else_learns_that_there_are_figures(client: Client, settings: Settings) -> None:
    absent = client.get("/nothing-here", REMOTE_ADDR="192.0.2.1")

    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.1")

    assert answer.status_code == absent.status_code == 404
    assert b"fieldline_" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_comes_through_a_proxy_of_this_machine_is_from_anywhere(client: Client, header: str) -> None:
    assert status(client) == 200
    assert status(client, **{header: "127.0.0.1"}) == 404


@pytest.mark.django_db
def test_who_has_the_token_may_read_from_anywhere(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN, settings.METRICS_ALLOWED = "let-me-in", []

    assert status(client, authorization="Bearer let-me-in", x_forwarded_for="192.0.2.1") == 200
    for wrong in ("Bearer let-me", "Bearer ", "Bearer", "Basic let-me-in", "let-me-in", ""):
        assert status(client, authorization=wrong) == 404


@pytest.mark.django_db
def test_without_a_token_none_fits(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN, settings.METRICS_ALLOWED = "", []

    assert status(client, authorization="Bearer ") == 404
    assert client.post("/metrics").status_code in {403, 405}


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.1.2.3", True), ("10.2.0.1", False), ("fd00::1", True), ("::1", False), ("", False), ("x", False)],
)
def test_networks_may_be_allowed(settings: Settings, address: str, allowed: bool) -> None:
    settings.METRICS_ALLOWED = ["10.1.0.0/16", "fd00::/8"]

    assert may_read(address=address, headers={}) is allowed


@pytest.mark.django_db(databases=["default", "streamdata"])
def test_requests_are_counted_by_the_name_of_the_view(client: Client) -> None:
    labels = {"view": "health", "method": "GET", "status": "200"}
    before = figure("fieldline_http_requests_total", **labels)

    client.get("/health/")

    assert figure("fieldline_http_requests_total", **labels) == before + 1
    assert figure("fieldline_http_request_seconds_count", view="health", method="GET") >= 1


@pytest.mark.django_db
def test_paths_and_methods_that_a_client_invents_make_no_series(client: Client) -> None:
    client.get("/nothing-here")
    series = len(samples(exposition().decode()))

    for number in range(20):
        client.get(f"/nothing-here/{number}")
        client.generic(f"M{number}", "/nothing-here")

    more = samples(exposition().decode())
    assert len(more) - series <= 12  # one method, OTHER, with the buckets of its histogram
    assert not [labels for _, labels in more if "nothing-here" in str(labels)]


def test_a_part_of_the_api_has_a_name_that_is_no_path(client: Client, db: None) -> None:
    client.get("/api/v1/server/?now=1")

    told = samples(exposition().decode())
    views = {dict(labels)["view"] for name, labels in told if name == "fieldline_http_requests_total"}
    assert not [view for view in views if "/" in view or "?" in view]
    assert [view for view in views if "server" in view.lower()]


@pytest.mark.anyio
async def test_requests_of_live_push_are_counted_too() -> None:
    before = figure("fieldline_http_requests_total", view="none", method="GET", status="204")

    async def answer(request: HttpRequest) -> HttpResponseBase:
        return HttpResponse(status=204)

    response: Any = measure_requests(answer)(RequestFactory().get("/"))
    assert (await response).status_code == 204

    assert figure("fieldline_http_requests_total", view="none", method="GET", status="204") == before + 1


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.django_db
def test_errors_of_a_database_are_counted() -> None:
    labels = {"database": "default", "kind": "ProgrammingError"}
    before = figure("fieldline_database_errors_total", **labels)

    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nonsense")

    assert figure("fieldline_database_errors_total", **labels) == before + 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def listening() -> Iterator[int]:
    port = free_port()
    with closing(Listener("127.0.0.1", port)) as listener:
        assert listener.open()
        yield port


def asked(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_worker_shows_its_figures_on_a_port_of_its_own(listening: int) -> None:
    code, text = asked(listening)

    assert code == 200
    assert ("fieldline_queue_up", ()) in samples(text)


def test_the_port_of_a_worker_shows_nothing_else_and_not_to_everybody(
    listening: int, settings: Settings
) -> None:
    assert asked(listening, "/") == (404, "")
    assert asked(listening, **{"X-Forwarded-For": "192.0.2.1"}) == (404, "")

    settings.METRICS_ALLOWED, settings.METRICS_TOKEN = [], "let-me-in"

    assert asked(listening) == (404, "")
    assert asked(listening, Authorization="Bearer let-me-in")[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "a b", "["],
)
def test_a_page_of_another_site_cannot_read_a_worker_under_its_own_name(listening: int, host: str) -> None:
    assert asked(listening, Host=host) == (400, "")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:9464", "[::1]:9464", "LOCALHOST:9464", "10.0.0.7", "worker-1"]
)
def test_a_worker_is_asked_by_an_address_or_by_a_name_of_ours(
    listening: int, host: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["worker-1"]

    assert asked(listening, Host=host)[0] == 200


def test_a_port_that_somebody_has_is_left_to_him(listening: int) -> None:
    other = Listener("127.0.0.1", listening)

    assert other.open() is False
    other.close()


FORKING = """
import os
from server.core.metrics.meters import JOBS
from server.core.metrics.exposition import exposition

for number in range(3):
    if os.fork() == 0:
        JOBS.labels("note", "done").inc(number + 1)
        os._exit(0)
for number in range(3):
    os.wait()
JOBS.labels("note", "done").inc(10)
print(exposition().decode())
"""


def test_one_of_several_processes_answers_for_all(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "figures")}

    text = subprocess.run(
        [sys.executable, "-c", FORKING], env=environment, capture_output=True, text=True, check=True
    ).stdout

    told = samples(text)
    assert told[("fieldline_jobs_total", (("action", "note"), ("outcome", "done")))] == 16
    assert (
        len([name for name, _ in told if name == "fieldline_process_resident_bytes"]) == 1
    )  # the others ended
