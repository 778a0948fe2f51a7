"""Devices for tests."""

from typing import Any, Final

from demo.device import Device
from demo.roster import DeviceSpec
from demo.sensors import KINDS
from demo.streamers import STREAMERS
from server.lib.slugs import DeviceSlug

NOW_S: Final = 1_753_437_600  # a whole multiple of every period
USER_KEY: Final = bytes(range(32))


def make_spec(
    *,
    kind: str = "soil-temp",
    number: int = 0xD06,
    user_key: bytes | None = None,
    goes_silent: bool = False,
) -> DeviceSpec:
    return DeviceSpec(
        DeviceSlug(number), KINDS[kind], f"key of {number:x}", user_key, goes_silent=goes_silent
    )


def make_entry(slug: str, kind: str, **more: Any) -> dict[str, Any]:
    """A device as `devices.json` has it."""
    usual = {"upload_key": "fdk_1", "user_key": None, "read_token": None, "goes_silent": False}
    return {"slug": slug, "kind": kind, **usual, **more}


def make_device(spec: DeviceSpec | None = None, *, now_s: int = NOW_S) -> Device:
    """Returns a device that was switched on 30 days ago and has measured nothing yet."""
    return Device(spec or make_spec(), None, now_s=now_s)


def acknowledge_all(device: Device) -> None:
    """Acknowledge everything, as a server that stored it would."""
    highest = max((row[1] for row in device.flash.log), default=0)
    device.acknowledge({streamer.index: highest for streamer in STREAMERS})


def catch_up(device: Device, *, now_s: int = NOW_S) -> None:
    """Advance to the present, as if every piece of history was acknowledged."""
    while device.is_behind(now_s):
        device.advance(now_s)
        acknowledge_all(device)
    device.advance(now_s)
    acknowledge_all(device)
