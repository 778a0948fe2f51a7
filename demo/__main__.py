"""`python -m demo`. FIELDLINE_VAR names the folder of the stack, WEB_PORT the server's port on this
machine."""

import os
import sys
import time
from functools import partial
from pathlib import Path
from random import Random

from demo import flash, loop
from demo.cloud import Cloud
from demo.device import Device
from demo.roster import DeviceSpec, RosterError, read_roster
from demo.stop import Stop
from demo.uplink import Uplink

HOST = "127.0.0.1"
WAIT_S = 15.0


def main() -> int:
    folder = Path(os.environ.get("FIELDLINE_VAR", "var")) / "demo"
    try:
        specs = [each for each in read_roster(folder / "devices.json") if not each.kind.by_hand]
    except RosterError as error:
        print(error, file=sys.stderr)
        return 1
    stop = Stop()
    stop.listen()
    port = int(os.environ.get("WEB_PORT", "8000"))
    cloud = Cloud(HOST, port, stop.interruptible)
    uplinks = [_switch_on(spec, cloud, folder / f"{spec.slug}.json") for spec in specs]
    loop.wait_for_server((HOST, port), stop, seconds=WAIT_S)
    print(f"{len(uplinks)} devices are switched on.")
    loop.run(uplinks, stop)
    for uplink in uplinks:
        uplink.save()
    return 0


def _switch_on(spec: DeviceSpec, cloud: Cloud, path: Path) -> Uplink:
    try:
        remembered = flash.load(path)
    except flash.FlashDamaged as error:
        print(f"{error}: the device starts again", file=sys.stderr)
        remembered = None
    device = Device(spec, remembered, now_s=int(time.time()))
    return Uplink(
        device, cloud, save=partial(flash.save, device.flash, path), print_line=print, random=Random()
    )


if __name__ == "__main__":
    sys.exit(main())
