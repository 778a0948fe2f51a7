"""An account with an organisation, and new devices for each batch of runs. Import it only after
Django is set up."""

import itertools
import time
from random import Random

from chaos.devices import Device, Identity
from server.apps.accounts.services.accounts import create_account, create_org
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.keys import issue_upload_key
from server.apps.devices.services.projects import create_project
from server.apps.lifecycle.services.claiming import claim_device

MONTH_S = 30 * 86_400  # a batch of runs measures faster than the time goes by
_DEVICES = 6  # two of them never reboot


class Owner:
    def __init__(self) -> None:
        self._user = create_account(email="chaos@example.com", username="chaos")
        org = create_org(name="Chaos", by=self._user)
        self._project = create_project(name="Chaos", org=org, by=self._user)
        self._numbers = itertools.count(0x1000)

    def new_devices(self, rng: Random) -> list[Device]:
        start_s = int(time.time()) - MONTH_S
        return [self._new_device(Random(rng.random()), n, start_s) for n in range(_DEVICES)]

    def _new_device(self, rng: Random, place: int, start_s: int) -> Device:
        made = create_device(number=next(self._numbers), by=self._user)
        device = claim_device(device=made, into=self._project, by=self._user)
        key = issue_upload_key(device=device, by=self._user)
        identity = Identity(device.pk, device.slug, key)
        return Device(identity, rng=rng, reboots=place >= 2, start_s=start_s)
