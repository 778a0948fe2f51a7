import pytest

from server.lib.formats import claimed_device_id


@pytest.mark.parametrize(
    ("data", "file_name", "number"),
    [
        (bytes.fromhex("014c000012cdab00"), "report.bin", 0xABCD12),  # a signed list, cut after the device
        (bytes.fromhex("014c000012cdab"), "report.bin", None),  # one byte too short
        (bytes.fromhex("024c000012cdab00"), "report.bin", None),  # no known format
        (b'{"device": 210, "data": "nonsense"}', "a/b.json", 210),
        (b'{"device": "210"}', "report.json", None),
        (b'{"device": 210', "report.json", None),
        (bytes.fromhex("81a6646576696365ccd2"), "report.mp", 210),
        (b"", "report", None),
    ],
)
def test_a_broken_upload_is_filed_under_the_device_it_claims(
    data: bytes, file_name: str, number: int | None
) -> None:
    assert claimed_device_id(data, file_name) == number
