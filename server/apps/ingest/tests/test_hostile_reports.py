"""The worker can handle every accepted upload: nothing that devices send ends in an error of
ours."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.ingest.tests.sent import SYSTEM, Carrier, dictionary, process, rows, signed_list, stored_ids
from stack.examples import examples

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

WORD = 2**32 - 1

words = st.one_of(st.integers(0, WORD), st.sampled_from([0, 1, 2**31 - 1, 2**31, WORD - 1, WORD]))
ids = st.one_of(st.integers(0, 60), words)
streams = st.one_of(st.sampled_from([0x5001, 0x5C00, 0x5020, 0, 0xFFFF]), st.integers(0, 0xFFFF))
texts = st.text(max_size=12)
plain = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | words | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=6,
)
moments = st.one_of(
    st.none(),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z"]),
)


def items(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = {
        "stream": streams,
        "streamer_local_id": ids,
        "timestamp": moments,
        "device_timestamp": st.none() | words,
    }
    return st.lists(st.fixed_dictionaries({**fields, **more}), max_size=12)


payloads = st.dictionaries(texts, plain, max_size=3)
dictionaries = st.fixed_dictionaries(
    {
        "data": items(value=words),
        "events": items(extra_data=st.none() | payloads, data=st.none() | payloads),
        "device_sent_timestamp": words,
        "streamer_index": st.sampled_from([100, 256, 0xFFFF]),
        "streamer_selector": st.sampled_from([0xFFFF, 0x10000, 0xD7FF, 0x5001]),
        "incremental_id": words,
        "lowest_id": words,
        "highest_id": words,
    }
)
readings = st.lists(st.tuples(streams, ids, words, words), max_size=20)


def becomes_readings_or_a_reason(carrier: Carrier, data: bytes, name: str) -> None:
    try:
        report = carrier.upload(data, name=name)
    except RefusedReport:
        return
    process(report)
    stored = StreamerReport.objects.get(pk=report.pk)
    assert stored.status in {StreamerReport.Status.STORED, StreamerReport.Status.FAILED}


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=dictionaries)
def test_any_dictionary_becomes_readings_or_a_reason(
    device: Device, bob: Account, content: dict[str, Any]
) -> None:
    becomes_readings_or_a_reason(Carrier(device, bob), dictionary(device, **content), "report.json")


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=readings, sent_s=words, selector=st.sampled_from([0xD7FF, SYSTEM, 0, 0xFFFF]))
def test_any_signed_list_becomes_readings_or_a_reason(
    device: Device, bob: Account, content: list[tuple[int, int, int, int]], sent_s: int, selector: int
) -> None:
    data = signed_list(device, content, selector=selector, sent_s=sent_s)

    becomes_readings_or_a_reason(Carrier(device, bob), data, "report.bin")


@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=readings)
def test_after_anything_a_device_is_still_heard(
    device: Device, bob: Account, content: list[tuple[int, int, int, int]]
) -> None:
    """One that sends in order, after somebody forged reports in its name, far from its own ids."""
    carrier = Carrier(device, bob)
    forged = [
        (lid, id + 2_000_000_000, at, value) for lid, id, at, value in content if 0 < id < 2_000_000_000
    ]
    carrier.deliver(signed_list(device, forged))
    before = len(stored_ids(device))
    first = max((id for id in stored_ids(device) if id < 1_000_000_000), default=0) + 1

    carrier.deliver(signed_list(device, rows(*range(first, first + 5))))

    assert len(stored_ids(device)) == before + 5
