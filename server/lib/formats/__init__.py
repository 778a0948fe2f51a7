"""Report formats of devices: bytes in, typed report out, and back."""

from server.lib.formats.broadcast import encode as encode_broadcast
from server.lib.formats.claims import claimed_device_id
from server.lib.formats.dictionary import encode_json as encode_dictionary_json
from server.lib.formats.dictionary import encode_msgpack as encode_dictionary_msgpack
from server.lib.formats.errors import FormatError, KeyMissing, LayoutError, NotUploadable, SignatureError
from server.lib.formats.header import (
    MAX_REPORT_BYTES,
    NO_TIME,
    NOT_GIVEN,
    Event,
    Flaw,
    Header,
    Keys,
    KeySource,
    SignatureKind,
)
from server.lib.formats.packet_decoder import PacketDecoder
from server.lib.formats.packets import Ending, Packet, find_packets, first_begin
from server.lib.formats.registry import FORMATS, Format, decode, format_for, inspect
from server.lib.formats.report import READING, Report, Row, rows_of
from server.lib.formats.signed_list import encode as encode_signed_list
from server.lib.formats.single_reading import encode as encode_single_reading

__all__ = [
    "FORMATS",
    "MAX_REPORT_BYTES",
    "NOT_GIVEN",
    "NO_TIME",
    "READING",
    "Ending",
    "Event",
    "Flaw",
    "Format",
    "FormatError",
    "Header",
    "KeyMissing",
    "KeySource",
    "Keys",
    "LayoutError",
    "NotUploadable",
    "Packet",
    "PacketDecoder",
    "Report",
    "Row",
    "SignatureError",
    "SignatureKind",
    "claimed_device_id",
    "decode",
    "encode_broadcast",
    "encode_dictionary_json",
    "encode_dictionary_msgpack",
    "encode_signed_list",
    "encode_single_reading",
    "find_packets",
    "first_begin",
    "format_for",
    "inspect",
    "rows_of",
]
