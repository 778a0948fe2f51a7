"""`manage.py demo-data`: what the demo's devices find when they connect."""

import json
import stat
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from demo.device import Device as DemoDevice
from demo.roster import DeviceSpec, read_roster
from demo.sensors import KINDS
from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.devices.services.authentication import authenticate_device_token, authenticate_upload_key
from server.apps.streams.models import StreamId
from server.apps.streams.services.streams import stream_writers

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

NOW_S = 1_753_437_600

PLAUSIBLE = {  # in the unit that people read
    "Volume": (0, 200_000),
    "Flow": (0, 60),
    "Soil moisture": (10, 60),
    "Soil moisture, roots": (10, 60),
    "Air temperature": (-5, 45),
    "Air pressure": (600, 1100),
    "Relative humidity": (30, 100),
    "Temperature": (0, 15),
    "Peak acceleration": (0, 20),
    "Room temperature": (18, 24),
    "Battery (mV)": (2500, 3700),
}


@pytest.fixture
def roster(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "demo" / "devices.json"


def make_demo_data() -> str:
    output = StringIO()
    call_command("demo-data", stdout=output)
    return output.getvalue()


@pytest.fixture
def specs(alice: Account, roster: Path) -> list[DeviceSpec]:
    make_demo_data()
    return read_roster(roster)


@pytest.mark.usefixtures("specs")
def test_eleven_devices_of_four_kinds_are_claimed_into_four_projects(alice: Account) -> None:
    devices = Device.objects.filter(org__slug="fieldline-demo", claimed_by=alice)

    assert Counter(device.project.name for device in devices if device.project) == {
        "Water metering": 4,
        "Greenhouse": 3,
        "Cold chain": 3,
        "On your desk": 1,
    }
    assert {device.sg.slug for device in devices if device.sg} == {
        "water-meter-v2-0-0",
        "soil-temp-v1-0-0",
        "shipping-logger-v1-3-0",
        "board-v1-0-0",
    }


def test_every_device_can_prove_who_it_is(specs: list[DeviceSpec]) -> None:
    holders = [authenticate_upload_key(spec.upload_key) for spec in specs]

    assert [holder.slug for holder in holders if holder] == [str(spec.slug) for spec in specs]


def test_two_devices_hold_the_key_that_the_server_holds(specs: list[DeviceSpec]) -> None:
    keyed = [spec for spec in specs if spec.user_key]

    assert len(keyed) == 2
    assert all(report_keys_of(spec.slug.number).user == spec.user_key for spec in keyed)


def test_the_silent_device_is_missed_within_minutes(specs: list[DeviceSpec]) -> None:
    [silent] = [spec for spec in specs if spec.goes_silent]

    assert Device.objects.get(pk=silent.slug.number).expected_every_seconds <= 120


def test_the_board_may_read_what_it_sent_and_no_other_device_may(specs: list[DeviceSpec]) -> None:
    callers = {spec.kind.name: authenticate_device_token(spec.read_token or "") for spec in specs}

    board = callers.pop("board")
    assert board is not None
    assert board.may_read
    assert set(callers.values()) == {None}


def test_a_board_that_reports_by_hand_is_not_missed_for_months(specs: list[DeviceSpec]) -> None:
    [board] = [spec for spec in specs if spec.kind.by_hand]

    assert Device.objects.get(pk=board.slug.number).expected_every_seconds > 90 * 24 * 3600


@pytest.mark.usefixtures("specs")
def test_only_its_owner_may_read_the_keys(roster: Path) -> None:
    assert stat.S_IMODE(roster.stat().st_mode) == 0o600


@pytest.mark.usefixtures("specs")
def test_a_second_run_changes_nothing(roster: Path) -> None:
    before = roster.read_text()
    rows = [model.objects.count() for model in (Org, Project, Device, DeviceKey, StreamId)]

    assert make_demo_data() == ""
    assert roster.read_text() == before
    assert [model.objects.count() for model in (Org, Project, Device, DeviceKey, StreamId)] == rows


def test_a_lost_file_gives_new_keys_and_the_old_ones_stop_working(
    specs: list[DeviceSpec], roster: Path
) -> None:
    roster.unlink()

    make_demo_data()

    assert all(authenticate_upload_key(spec.upload_key) is None for spec in specs)
    assert all(authenticate_upload_key(spec.upload_key) for spec in read_roster(roster))


def test_only_a_key_that_does_not_work_is_replaced(specs: list[DeviceSpec], roster: Path) -> None:
    content = json.loads(roster.read_text())
    content["devices"][0]["upload_key"] = "fdk_stale"
    roster.write_text(json.dumps(content))

    make_demo_data()

    again = read_roster(roster)
    assert authenticate_upload_key(again[0].upload_key)
    assert [spec.upload_key for spec in again[1:]] == [spec.upload_key for spec in specs[1:]]


@pytest.mark.django_db
def test_without_an_owner_it_names_the_command_to_run_first(roster: Path) -> None:
    with pytest.raises(CommandError, match="prepare"):
        make_demo_data()

    assert not roster.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_device_measures_comes_out_in_its_unit(specs: list[DeviceSpec], kind: str) -> None:
    spec = next(spec for spec in specs if spec.kind.name == kind)
    demo_device = DemoDevice(spec, None, now_s=NOW_S)
    demo_device.advance(NOW_S)
    device = Device.objects.get(pk=spec.slug.number)
    assert device.project_id is not None
    streams = {stream.var_lid: stream for stream in StreamId.objects.filter(device=device)}
    writers = stream_writers(device_id=device.pk, project_id=device.project_id, lids=set(streams))

    seen = set()
    for lid, _, _, raw in demo_device.flash.log:
        if lid in streams:
            output = streams[lid].output_unit
            assert output is not None
            low, high = PLAUSIBLE[streams[lid].var_name]
            assert low <= output.mdo.forward(writers[lid].conversion.to_value(raw)) <= high
            seen.add(streams[lid].var_name)

    assert seen == {stream.var_name for stream in streams.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_has_a_stream_for_everything_it_measures(specs: list[DeviceSpec], kind: str) -> None:
    spec = next(spec for spec in specs if spec.kind.name == kind)
    lids = set(StreamId.objects.filter(device_id=spec.slug.number).values_list("var_lid", flat=True))

    assert {quantity.stream for quantity in spec.kind.quantities} <= lids
