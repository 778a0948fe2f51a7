"""Claim devices: a device enters a project, and gets the variables and streams of its sensor
graph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import require
from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import device_number
from server.apps.devices.selectors.keys import claimable_device
from server.apps.devices.services.devices import change_device, enter_project
from server.apps.streams.services.sensor_graphs import follow_sensor_graph
from server.core.errors import FieldlineError, Invalid, NotFound


class NotClaimable(Invalid):
    """Device is not claimable"""


@transaction.atomic
def claim_device(*, device: Device, into: Project, by: Account) -> Device:
    """For callers that know whose device it is; people prove it with `claim_with_proof`. Raises
    Forbidden without `can_claim_devices` there, Conflict when it is in a project already.
    """
    require(by, "can_claim_devices", into.org)
    return _claim(device, into, by)


@transaction.atomic
def claim_with_proof(
    *,
    slug: str,
    into: Project,
    by: Account,
    claim_code: str = "",
    key: str = "",
    label: str = "",
    staff: bool = False,
) -> Device:
    """Claim a device that is set aside for the project's organisation, or whose claim code or
    upload key `by` has.

    Raises Forbidden without `can_claim_devices` there, and NotClaimable for everything else, so
    that guessing numbers does not reveal which devices there are.
    """
    require(by, "can_claim_devices", into.org, staff=staff)
    try:
        number = device_number(slug)
        device = claimable_device(number=number, org_id=into.org_id, claim_code=claim_code, key=key)
    except NotFound as error:
        raise NotClaimable() from error
    if device is None:
        raise NotClaimable()
    if label:
        change_device(device=device, by=by, changes={"label": label})
    return _claim(device, into, by)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    slug: str
    claim_code: str
    label: str


def claim_each(
    rows: Sequence[ClaimRow], *, into: Project, by: Account, staff: bool = False
) -> Iterator[FieldlineError | None]:
    """Claim each row on its own, lazily. Yields None, or the error of this row; the others go on.
    Raises Forbidden."""
    require(by, "can_claim_devices", into.org, staff=staff)
    for row in rows:
        try:
            claim_with_proof(
                slug=row.slug, into=into, by=by, claim_code=row.claim_code, label=row.label, staff=True
            )
            yield None
        except FieldlineError as error:
            yield error


def _claim(device: Device, into: Project, by: Account) -> Device:
    enter_project(device=device, project=into, by=by)
    follow_sensor_graph(device=device, by=by)
    return device
