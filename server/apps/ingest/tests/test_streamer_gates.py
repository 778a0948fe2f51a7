"""The gates to streamers, reports and refused uploads, and the questions of pages about them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.ingest import selectors
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.ingest.tests.sent import SYSTEM, Carrier, process, row, rows, signed_list
from server.apps.streams.tests.factories import make_claimed_device
from server.core.errors import NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


@pytest.fixture
def report(carrier: Carrier, device: Device) -> StreamerReport:
    """Processed."""
    report = carrier.upload(signed_list(device, rows(1, 2)))
    process(report)
    return report


def outsiders(org: Org, charlie: Account) -> list[Account | AnonymousUser]:
    former = make_account()
    add_member(org=org, user=former, role=Role.DEREGISTERED)
    return [charlie, former, AnonymousUser()]


def test_members_of_every_role_see_streamers_and_reports(
    report: StreamerReport, acme: Org, alice: Account, bob: Account
) -> None:
    operator = make_account()
    add_member(org=acme, user=operator, role=Role.OPERATOR)

    for user in (alice, bob, operator):
        assert selectors.streamer_for(user, report.streamer.slug) == report.streamer
        assert selectors.report_for(user, report.pk) == report


def test_others_see_neither(report: StreamerReport, acme: Org, charlie: Account) -> None:
    for user in outsiders(acme, charlie):
        with pytest.raises(NotFound, match="Not found"):
            selectors.streamer_for(user, report.streamer.slug)
        with pytest.raises(NotFound, match="Not found"):
            selectors.report_for(user, report.pk)
        with pytest.raises(NotFound, match="Not found"):
            selectors.newest_reports_of_streamer(user, report.streamer.slug, limit=9)
        assert list(selectors.streamers_of(user)) == []
        assert list(selectors.reports_of(user)) == []
        assert selectors.newest_reports(user, [report.streamer.device], limit=9) == []


@pytest.mark.parametrize(
    "slug", ["", "t--", "t--0001--0001", "t--0000-0000-0000-9999--0000", "d--0081", "\x00"]
)
def test_what_names_no_streamer_is_not_there(report: StreamerReport, alice: Account, slug: str) -> None:
    with pytest.raises(NotFound):
        selectors.streamer_for(alice, slug)


def test_a_streamer_is_listed_when_it_stored_something(
    carrier: Carrier, device: Device, alice: Account
) -> None:
    waits = carrier.upload(signed_list(device, rows(1)))
    before = list(selectors.acknowledged_streamers_of(alice))

    process(waits)

    assert before == []
    assert list(selectors.acknowledged_streamers_of(alice)) == [waits.streamer]
    assert list(selectors.acknowledged_streamers_of_device(device)) == [waits.streamer]


def test_a_device_sees_its_own_streamers_only(report: StreamerReport, project: Project, bob: Account) -> None:
    neighbour = make_claimed_device(project=project)
    Carrier(neighbour, bob).deliver(signed_list(neighbour, rows(1)))

    assert list(selectors.acknowledged_streamers_of_device(neighbour)) == list(neighbour.streamers.all())


def test_streamers_come_with_their_progress_in_one_query_of_each_database(
    report: StreamerReport,
    carrier: Carrier,
    device: Device,
    alice: Account,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    carrier.deliver(signed_list(device, [row(7, lid=0x5C01)], index=1, selector=SYSTEM))
    carrier.upload(signed_list(device, rows(9), index=2))

    with django_assert_num_queries(1), django_assert_num_queries(1, using="streamdata"):
        found = selectors.with_progress(selectors.streamers_of(alice).order_by("index"))
        str([each.streamer.device for each in found])

    assert [(each.streamer.index, each.last_id) for each in found] == [(0, 2), (1, 7), (2, 0)]
    assert [each.last_reboot is None for each in found] == [False, False, True]


def test_the_newest_reports_come_first(carrier: Carrier, device: Device, alice: Account) -> None:
    reports = [carrier.upload(signed_list(device, rows(n), index=n % 2)) for n in range(1, 7)]

    newest = selectors.newest_reports(alice, [device], limit=4)

    assert newest == reports[:1:-1]
    assert selectors.newest_reports_of_streamer(alice, reports[0].streamer.slug, limit=2) == [
        reports[4],
        reports[2],
    ]


def test_the_newest_reports_of_several_devices_take_two_queries(
    report: StreamerReport,
    project: Project,
    device: Device,
    alice: Account,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    neighbour = make_claimed_device(project=project)
    other = Carrier(neighbour, alice).upload(signed_list(neighbour, rows(1)))

    with django_assert_num_queries(2):
        found = selectors.newest_reports(alice, [device, neighbour], limit=9)
        str([(r.streamer.device, r.streamer.device.project, r.created_by) for r in found])

    assert found == [other, report]


def test_reports_come_with_their_ledgers_in_one_query(
    report: StreamerReport,
    carrier: Carrier,
    device: Device,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    waits = carrier.upload(signed_list(device, rows(3)))

    with django_assert_num_queries(1, using="streamdata"):
        found = selectors.with_ledger([report, waits])

    assert [each.ledger and each.ledger.stored for each in found] == [2, None]


def refuse(carrier: Carrier, data: bytes) -> None:
    with pytest.raises(RefusedReport):
        carrier.upload(data)


def test_refused_uploads_are_listed_to_those_who_see_the_device(
    carrier: Carrier, device: Device, acme: Org, alice: Account, charlie: Account
) -> None:
    damaged = signed_list(device, rows(1))[:-1] + b"?"
    refuse(carrier, damaged)
    refuse(carrier, damaged)

    seen = selectors.refused_uploads_of_device(alice, device, limit=9)

    assert [refusal.reason for refusal in seen] == ["bad-hash", "bad-hash"]
    assert seen[0].created_on >= seen[1].created_on
    assert len(selectors.refused_uploads_of_device(alice, device, limit=1)) == 1
    for user in outsiders(acme, charlie):
        assert selectors.refused_uploads_of_device(user, device, limit=9) == []


def test_a_device_that_moves_to_another_org_takes_its_streamers_along(
    report: StreamerReport, alice: Account, charlie: Account, device: Device
) -> None:
    elsewhere = charlie.orgs.get()
    Device.objects.filter(pk=device.pk).update(org=elsewhere, project=None)

    assert list(selectors.streamers_of(alice)) == []
    assert list(selectors.streamers_of(charlie)) == [Streamer.objects.get()]
