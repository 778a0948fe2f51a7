"""For all tests: the cast. Alice owns, Bob is on her team, Charlie is a stranger."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.tests.factories import make_claimed_device
from server.core.queue.tests.waiting import run_with
from stack.examples import examples
from worker.testing import memory_queue, run_pending_jobs

run_with(run_pending_jobs)

# A busy machine is no failure, so no example has a limit of time.
settings.register_profile(
    "unhurried", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests counted, in whichever process they ran."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.getreports(""):
        if report.when == "teardown":
            sums.update(dict(report.user_properties))
    for what, count in sorted(sums.items()):
        terminalreporter.write_line(f"{what}: {count}")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Both databases, whichever tests are chosen: pytest-django makes only those that a mark names,
    and tests that commit for real carry none."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def empty_queue() -> Iterator[None]:
    """The queue in memory knows no transaction, so what a test leaves there would meet the next
    one."""
    yield
    memory_queue().clear()


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Runs what waits on the queue. An app knows no worker, so its tests get it from here."""
    return run_pending_jobs


@pytest.fixture
def alice(db: None) -> Account:
    return make_account(username="alice")


@pytest.fixture
def acme(alice: Account) -> Org:
    """Alice's organisation."""
    return make_org(name="Acme", owner=alice)


@pytest.fixture
def bob(acme: Org) -> Account:
    user = make_account(username="bob")
    add_member(org=acme, user=user, role=Role.MEMBER)
    return user


@pytest.fixture
def charlie(db: None) -> Account:
    """Has an organisation of his own."""
    user = make_account(username="charlie")
    make_org(name="Elsewhere", owner=user)
    return user


@pytest.fixture
def other_org(charlie: Account) -> Org:
    """Charlie's organisation."""
    return Org.objects.get(slug="elsewhere")


@pytest.fixture
def project(acme: Org) -> Project:
    return make_project(name="Meters", org=acme)


@pytest.fixture
def device(project: Project) -> Device:
    """A water meter (IO 1 on 5001, gallons in and out), claimed into Alice's project."""
    return make_claimed_device(project=project)
