"""Which device a broken upload claims to come from. Nothing about the bytes has been checked."""

from collections.abc import Callable

from server.lib.formats import json_form, msgpack_form
from server.lib.formats.errors import FormatError
from server.lib.formats.fields import checked_map, whole_number

_DEVICE_AT = slice(4, 8)  # in all binary formats
_BINARY_FORMATS = b"\x00\x01\x03"


def claimed_device_id(data: bytes, file_name: str) -> int | None:
    """Return the number where a report has its device id; None when there is none."""
    extension = file_name.rpartition(".")[2].lower()
    if extension in {"json", "mp"}:
        return _of_dictionary(data, json_form.load if extension == "json" else msgpack_form.load)
    if len(data) < _DEVICE_AT.stop or data[0] not in _BINARY_FORMATS:
        return None
    return int.from_bytes(data[_DEVICE_AT], "little")


def _of_dictionary(data: bytes, load: Callable[[bytes], object]) -> int | None:
    try:
        return whole_number(checked_map(load(data), "").get("device"), "device", 2**48 - 1)
    except FormatError:
        return None
