"""Use case: version facts from reports, in the order of reading ids, in whatever order reports
come."""

from itertools import permutations
from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceVersion
from server.apps.devices.selectors.devices import versions_of
from server.apps.devices.services.versions import ReportedVersion, record_versions
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.sent import RECEIVED, SYSTEM, Carrier, process, row, signed_list, stored_ids
from server.apps.streams.models import StreamId, StreamNote
from server.lib.formats import Row
from server.lib.units import VersionWord

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

OS: Final = 0x5C08
APP: Final = 0x5C09


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def word(tag: int, major: int, minor: int) -> int:
    return major << 26 | minor << 20 | tag


def version_row(id: int, version: str, *, lid: int = OS, tag: int = 2048) -> Row:
    major, minor = version.split(".")
    return row(id, lid=lid, value=word(tag, int(major), int(minor)))


def deliver_rows(carrier: Carrier, *rows: Row) -> None:
    carrier.deliver(signed_list(carrier.device, rows, index=1, selector=SYSTEM))


def facts(type: str = "os") -> list[tuple[int, str]]:
    rows = DeviceVersion.objects.filter(type=type).order_by("streamer_local_id")
    return [(row.streamer_local_id, f"{row.major_version}.{row.minor_version}") for row in rows]


def present(device: Device) -> list[str]:
    return [f"{v.type} {v.tag} {v.major_version}.{v.minor_version}" for v in versions_of(device)]


def test_a_reported_version_becomes_a_fact(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, row(1, lid=OS, value=0x04000800), version_row(2, "63.62", lid=APP, tag=0xFFFFF))

    assert present(device) == ["app 1048575 63.62", "os 2048 1.0"]
    fact = DeviceVersion.objects.get(type="os")
    assert (fact.streamer_local_id, fact.updated_ts) == (1, RECEIVED)


def test_template_and_sensor_graph_stay_what_they_are(carrier: Carrier, device: Device) -> None:
    """What a version means for them is not decided here."""
    before = (device.template_id, device.sg_id)

    deliver_rows(carrier, version_row(1, "1.0"), version_row(2, "1.0", lid=APP, tag=77))

    device.refresh_from_db()
    assert (device.template_id, device.sg_id) == before


def test_weak_point_4_an_unknown_tag_stops_nothing(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(1, "9.9", tag=0xABCDE), row(2))

    assert stored_ids(device)[:2] == [1, 2]
    assert present(device) == ["os 703710 9.9"]


@pytest.mark.parametrize(("lid", "tag"), [(OS, 1024), (APP, 0)])
def test_a_placeholder_word_is_no_fact(carrier: Carrier, device: Device, lid: int, tag: int) -> None:
    deliver_rows(carrier, version_row(1, "0.0", lid=lid, tag=tag))

    assert present(device) == []


@pytest.mark.parametrize(("lid", "tag"), [(OS, 0), (APP, 1024)])
def test_the_same_word_on_the_other_stream_is_one(
    carrier: Carrier, device: Device, lid: int, tag: int
) -> None:
    deliver_rows(carrier, version_row(1, "0.0", lid=lid, tag=tag))

    assert len(present(device)) == 1


def test_a_word_on_another_stream_is_a_number(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(1, "1.0", lid=0x5C07))

    assert present(device) == []


def test_a_repeated_version_adds_nothing(carrier: Carrier) -> None:
    deliver_rows(carrier, version_row(1, "1.0"), version_row(2, "1.0"))
    deliver_rows(carrier, version_row(9, "1.0"))

    assert facts() == [(1, "1.0")]
    assert StreamNote.objects.count() == 1


def test_a_device_that_goes_back_gets_a_new_fact(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(1, "1.0"), version_row(2, "1.1"), version_row(3, "1.0"))

    assert facts() == [(1, "1.0"), (2, "1.1"), (3, "1.0")]
    assert present(device) == ["os 2048 1.0"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("versions", [("1.0", "1.1", "1.0"), ("1.0", "1.0", "1.1"), ("1.0", "1.1", "1.1")])
def test_the_order_in_which_reports_come_changes_nothing(
    carrier: Carrier, order: tuple[int, ...], versions: tuple[str, ...]
) -> None:
    for place in order:
        deliver_rows(carrier, version_row(10 * (place + 1), versions[place]))

    changes = [
        (10 * (place + 1), version)
        for place, version in enumerate(versions)
        if not place or version != versions[place - 1]
    ]
    assert facts() == changes


def test_a_version_that_is_older_by_id_does_not_become_the_present_one(
    carrier: Carrier, device: Device
) -> None:
    deliver_rows(carrier, version_row(10, "1.0"))
    deliver_rows(carrier, version_row(30, "1.0"))

    deliver_rows(carrier, version_row(20, "0.9"))

    assert present(device) == ["os 2048 1.0"]


def test_a_report_that_is_processed_again_adds_nothing(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, [version_row(1, "1.0")], index=1, selector=SYSTEM))

    for _ in range(3):
        process(report)

    assert facts() == [(1, "1.0")]
    assert StreamNote.objects.filter(target=device.slug).count() == 1


def test_a_run_that_crashed_after_its_readings_were_stored_is_made_up_for(
    carrier: Carrier, device: Device
) -> None:
    report = carrier.upload(signed_list(device, [version_row(1, "1.0")], index=1, selector=SYSTEM))
    process(report)
    DeviceVersion.objects.all().delete()
    StreamerReport.objects.update(status=StreamerReport.Status.RECEIVED)

    process_report(report_id=str(report.pk))

    assert facts() == [(1, "1.0")]


def test_a_reading_without_an_id_is_no_fact(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(0, "1.0"))

    assert present(device) == []


def test_a_disabled_stream_reports_versions_too(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(1, "1.0"))
    StreamId.objects.filter(var_lid=OS).update(enabled=False)

    deliver_rows(carrier, version_row(2, "1.1"))

    assert present(device) == ["os 2048 1.1"]


def test_a_new_version_becomes_a_note_and_a_row_of_the_trail(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(1, "1.0"), version_row(2, "2.5", lid=APP, tag=77))

    notes = StreamNote.objects.filter(target=device.slug).order_by("pk")
    assert [(note.note, note.type, note.timestamp) for note in notes] == [
        ("The device reports that it runs operating system 2048 v1.0.", "si", RECEIVED),
        ("The device reports that it runs application 77 v2.5.", "si", RECEIVED),
    ]
    assert Change.objects.filter(event="device-version", audited=True, ref=device.slug).count() == 2


def test_a_report_without_such_words_costs_no_query(carrier: Carrier, device: Device) -> None:
    with CaptureQueriesContext(connection) as queries:
        deliver_rows(carrier, row(1))

    assert not any("deviceversion" in query["sql"] for query in queries)


def test_many_words_take_one_statement_and_the_newest_count(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(
        signed_list(
            device, [version_row(id, f"{id % 60}.1") for id in range(1, 500)], index=1, selector=SYSTEM
        )
    )

    with CaptureQueriesContext(connection) as queries:
        process(report)

    assert sum("devices_deviceversion" in query["sql"] for query in queries) == 1
    assert [reading_id for reading_id, _ in facts()] == list(range(300, 500))


def test_of_equal_words_the_last_one_counts_too(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, version_row(20, "1.1"))

    deliver_rows(carrier, version_row(10, "1.0"), version_row(15, "1.0"), version_row(30, "1.0"))

    assert facts() == [(10, "1.0"), (20, "1.1"), (30, "1.0")]


def test_two_words_of_one_id_are_two_facts_and_stop_nothing(device: Device) -> None:
    """Only a damaged or forged report has both. Its job once failed at every attempt."""
    for id, version in ((34, (1, 0)), (34, (2, 0)), (60, (1, 0)), (34, (1, 0))):
        reported = ReportedVersion(DeviceVersion.Type.OS, VersionWord(7, *version), id, RECEIVED)
        record_versions(device_id=device.pk, reported=[reported, reported])

    assert sorted(facts()) == [(34, "1.0"), (34, "2.0"), (60, "1.0")]
