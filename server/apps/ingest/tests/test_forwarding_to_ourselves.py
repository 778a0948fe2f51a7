"""The other server is one like this: over real HTTP on loopback, with committed rows."""

import threading
from collections.abc import Callable, Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from pytest_django import Settings

from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device
from server.apps.ingest.models import Forwarding, StreamerReport
from server.apps.ingest.services import forwarding
from server.apps.ingest.services.forwarding import RecentCheck
from server.apps.ingest.tests.forwarded import configure_forwarding
from server.apps.ingest.tests.sent import Carrier, rows, signed_list, stored_ids
from server.core.queue import current_queue
from server.core.tests.committed import committed as committed

pytestmark = pytest.mark.integration


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture(autouse=True)
def empty_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "_recent_check", RecentCheck())


@pytest.fixture
def ourselves(settings: Settings, device: Device) -> Iterator[str]:
    """This server, on a port of its own."""
    application = get_wsgi_application()

    def answer(environ: dict[str, object], start_response: object) -> object:
        try:
            return list(application(environ, start_response))  # type: ignore[arg-type]  # WSGI's own types
        finally:
            connections.close_all()

    with make_server("127.0.0.1", 0, answer, handler_class=Quiet) as server:  # type: ignore[arg-type]
        settings.OUTBOUND_ALLOWED = [f"127.0.0.1:{server.server_port}"]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def key_of(org: Org, by: Account) -> str:
    return create_org_api_key(org=org, name="forwarder", scopes=[OrgApiKey.Scope.UPLOAD], by=by)[1]


@pytest.mark.parametrize("kind", ["organisation key", "personal token"])
def test_our_own_keys_are_accepted_and_a_repeat_changes_nothing(
    ourselves: str, device: Device, alice: Account, run_jobs: Callable[[], int], kind: str
) -> None:
    assert device.org is not None
    personal = kind == "personal token"
    key = f"JWT {issue_jwt(user=alice)}" if personal else key_of(device.org, alice)
    configure_forwarding(device.org.ref, ourselves, alice, api_key=key)
    Carrier(device, alice).upload(signed_list(device, rows(1, 2, 3)))

    run_jobs()

    # The copy came, brought nothing new, and was not forwarded once more.
    assert Forwarding.objects.get().state == Forwarding.State.SENT
    assert StreamerReport.objects.filter(status="stored").count() == 2
    assert stored_ids(device) == [1, 2, 3]


def test_the_key_of_another_organisation_is_refused_with_our_reason(
    ourselves: str, device: Device, alice: Account, charlie: Account, run_jobs: Callable[..., int]
) -> None:
    assert device.org is not None
    elsewhere = charlie.orgs.get()
    configure_forwarding(device.org.ref, ourselves, alice, api_key=key_of(elsewhere, charlie))
    Carrier(device, alice).upload(signed_list(device, rows(1, 2, 3)))

    run_jobs(raising=False)

    kept = Forwarding.objects.get()
    assert (kept.state, kept.answer) == (Forwarding.State.FAILED, 404)
    assert "404" in current_queue().dead_letters(most=1)[0].reason
    assert StreamerReport.objects.count() == 1
