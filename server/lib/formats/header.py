"""What is known of a report before its readings are decoded. Free of numpy, as the checks of an
upload are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

NO_TIME = 0xFFFFFFFF  # raw time of a reading or event whose sender did not know it
NOT_GIVEN = -(2**63)  # microseconds; stands where a reading has no UTC of its own
NO_SELECTOR = 0xFFFF  # "not a query"; for formats without a streamer
ROOT_KEY_BYTES = 32
MAX_REPORT_BYTES = 16 * 1024 * 1024  # one more than the 24 bit length field of a signed list can hold


class SignatureKind(IntEnum):
    """The number in byte 16 of a signed list; NONE for formats without a signature."""

    HASH = 0
    USER_KEY = 1
    DEVICE_KEY = 2
    NONE = 255


@dataclass(frozen=True, slots=True)
class Keys:
    """The root keys of one device, 32 bytes each. Left out of repr() so that no log can show
    them."""

    user: bytes | None = field(default=None, repr=False)
    device: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for key in (self.user, self.device):
            if key is not None and len(key) != ROOT_KEY_BYTES:
                raise ValueError(f"a root key has {ROOT_KEY_BYTES} bytes, not {len(key)}")


KeySource = Callable[[int], Keys]
"""From a device id to its keys. Called only when a report is signed with one."""


class Flaw(IntEnum):
    """Why a reading or event of a dictionary cannot be stored, while the rest of its report can."""

    NONE = 0
    NO_VALUE = 1
    """JavaScript writes null for what is no number."""
    BAD_TIME = 2
    """A UTC of the first or last days of the calendar, such as the 0001-01-01 of an unset clock."""

    @property
    def reason(self) -> str:
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Header:
    """Lowest and highest id are what the sender claims, so nothing may depend on them.

    `sent_s` is uptime in seconds, None when the sender did not know it. `count` is readings plus
    events. Formats without a streamer have report id 0, streamer index 0 and selector ffff.
    """

    format: str
    device_id: int
    report_id: int
    sent_s: int | None
    streamer_index: int
    selector: int
    lowest_id: int
    highest_id: int
    signature: SignatureKind
    count: int
    flaws: Mapping[Flaw, int] = field(default_factory=dict)
    """Of the count, how many cannot be stored, by reason."""


@dataclass(frozen=True, slots=True)
class Event:
    """A document with a time. `raw_time` None: unknown; `given_us`: UTC microseconds that the
    sender gave.

    `extra_data` is the summary, `data` the large part that is stored separately; both hold plain
    JSON values only.
    """

    lid: int
    reading_id: int
    raw_time: int | None
    given_us: int | None
    extra_data: dict[str, object]
    data: dict[str, object] | None
    flaw: Flaw = Flaw.NONE
