"""Clients of the original cloud, as their registries have them, against a whole installation."""

from pathlib import Path
from typing import Final

import pytest

from server.lib.formats import Row, encode_signed_list
from webapp.tests.browser.sample_data import SampleData, SampleDevice
from webapp.tests.clients.conftest import Run
from webapp.tests.clients.environments import PROGRAMS, node_environment, python_environment

pytestmark = [pytest.mark.integration, pytest.mark.clients]

IO_1: Final = 0x5001
SENT_S: Final = 1000


@pytest.fixture
def report(device: SampleDevice, tmp_path: Path) -> Path:
    """Five readings, one a minute, as a gateway keeps them on its disk."""
    rows: list[Row] = [(IO_1, id, 60 * id, id) for id in range(1, 6)]
    path = tmp_path / "report.bin"
    path.write_bytes(
        encode_signed_list(
            device_id=device.number,
            report_id=6,
            sent_s=SENT_S,
            streamer_index=0,
            selector=0xD7FF,
            readings=rows,
        )
    )
    return path


def test_the_python_client_signs_in_looks_around_uploads_and_reads(
    run: Run, sample: SampleData, device: SampleDevice, report: Path
) -> None:
    argv = [str(python_environment()), str(PROGRAMS / "python_client.py")]

    seen = run(argv, report=str(report), received="2021-03-01T11:23:15Z", highest_id=5)

    assert (seen["login"], seen["refresh"], seen["logged_out"]) == (True, True, True)
    assert (seen["count"], seen["last_id"]) == (5, 5)
    assert seen["paged"] == {"stream": [1, 2, 3, 4, 5], "data": [1, 2, 3, 4, 5]}
    assert seen["not_there"] == "not found"
    assert seen["token_after_logout"] == "client error"
    tree = seen["tree"]
    assert (tree["device"], tree["device_id"], tree["project"]) == (
        device.slug,
        device.number,
        sample.project,
    )
    assert device.volume in tree["streams"]
    assert tree["devices"] == len(sample.devices)


def test_the_python_client_finds_people_slots_and_archives_and_adds_up(
    run: Run, device: SampleDevice, report: Path
) -> None:
    argv = [str(python_environment()), str(PROGRAMS / "organisation.py")]

    seen = run(argv, report=str(report), received="2021-03-01T11:23:15Z")

    assert seen["signed_in_by_form"] == [200, "from a form", "from a form"]
    assert seen["members"] == ["alice", "mina"]
    assert seen["pending"] == ["guest@example.org"]
    assert seen["slots"] == [0]
    # Its mark is a system stream: it has data and no record, on which the sum would fail.
    without_record = [slug for slug, each in seen["counts"].items() if not each["has_streamid"]]
    assert [slug[-4:] for slug in without_record] == ["5a05"]
    assert seen["listed"] == [device.volume, device.temperature]
    assert seen["sum"]["total"] == 15
    assert [*seen["sum"]["streams"]] == [device.volume]
    assert seen["factors"] == [10.0, 15.5]
    block, *streams = seen["archived"]
    number = block.removeprefix("b--")
    assert streams == [f"s--0000-0000--{number}--5001", f"s--0000-0000--{number}--500f"]


def test_a_device_signs_with_a_key_that_its_owner_stored(run: Run, device: SampleDevice) -> None:
    argv = [str(python_environment()), str(PROGRAMS / "signing.py")]

    seen = run(argv, root_key="0f1e2d3c" * 8, received="2021-03-01T11:23:15Z")

    assert [each["kind"] for each in seen["stored"]] == ["user"]
    assert (seen["before"], seen["after"], seen["data"]) == (0, 3, [1, 2, 3])


def test_the_gateway_uploads_and_acknowledges_as_a_person_and_as_the_device(
    run: Run, sample: SampleData, device: SampleDevice
) -> None:
    argv = [str(python_environment()), str(PROGRAMS / "gateway.py")]

    seen = run(argv, project=sample.project)

    assert seen["clock"]
    assert seen["device"] == seen["device_as_device"] == device.slug
    assert device.number in seen["devices"]
    assert (seen["count"], seen["acknowledged"], seen["streamer"]) == (3, [[0, 3, 0xD7FF]], 3)
    assert seen["refreshed"]
    assert seen["token_type"] == "a-jwt"
    assert (seen["count_as_device"], seen["acknowledged_as_device"]) == (2, [[0, 5, 0xD7FF]])


def test_the_phone_signs_in_looks_around_and_writes(
    run: Run, sample: SampleData, device: SampleDevice
) -> None:
    argv = ["node", str(PROGRAMS / "phone.js"), str(node_environment())]

    seen = run(argv, project=sample.project, foreign="d--0000-0000-0000-fffe")

    assert seen["refreshed"]
    assert seen["role"] == "a0"
    assert sample.project in seen["projects"]
    assert device.slug == seen["device"]
    assert seen["devices"] == sorted(each.slug for each in sample.devices)
    assert seen["project_devices"] == len(sample.devices)
    assert seen["stream"] == device.volume
    assert seen["streams"] == 2 * len(sample.devices)
    assert (seen["vartypes"], seen["graphs"], seen["templates"]) == (True, True, True)
    assert seen["notes"] == ["from a phone"]
    assert seen["data"] == [7]
    assert seen["foreign"] == 404
    assert seen["logged_out"]
