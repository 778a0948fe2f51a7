"""A device changes its project, or gives it up: what of that is a matter of its own row and keys."""

from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceKey, HealthState, Project
from server.apps.devices.services.keys import revoke_device_tokens
from server.apps.devices.services.metadata import remove_metadata, transfer_metadata


def enter_other_project(*, device: Device, into: Project, by: Account | None) -> None:
    """Part of moving, which is a use case of `lifecycle`."""
    revoke_device_tokens(
        device=device
    )  # they name the project, and must not come to life again with a move back
    changes: dict[str, object] = {"project": into, "org": into.org}
    if device.org_id != into.org_id:
        transfer_metadata(target=device.slug, org=into.org)
        _revoke_credentials(device)
        # Its alarms must not go to people whom the device no longer concerns.
        changes |= {"claimed_by": by, "claimed_on": timezone.now(), "notification_recipients": []}
    Device.objects.filter(pk=device.pk).update(**changes)


def leave_project(*, device: Device, label: str, state: str) -> None:
    """Part of unclaiming, which is a use case of `lifecycle`. Nothing of it is left for who claims the device next."""
    remove_metadata([device.slug])
    _revoke_credentials(device)
    Device.objects.filter(pk=device.pk).update(
        project=None,
        org=None,
        lat=None,
        lon=None,
        claimed_by=None,
        claimed_on=None,
        external_id="",
        label=label,
        state=state,
        last_report_on=None,
        health_check_enabled=False,
        last_known_state=HealthState.UNKNOWN,
        health_changed_on=None,
        notification_recipients=[],
    )


_GIVEN_TO_PEOPLE = (DeviceKey.Kind.UPLOAD, DeviceKey.Kind.A_JWT)


def _revoke_credentials(device: Device) -> None:
    """Those that the former owner may know. What proves the device itself stays: its claim code, and what signs its reports."""
    DeviceKey.objects.filter(device=device, kind__in=_GIVEN_TO_PEOPLE, revoked_on=None).update(
        revoked_on=timezone.now()
    )


def remove_project(project: Project) -> None:
    """The row, when nothing is in the project any more: part of its deletion, which is a use case of `lifecycle`."""
    project.delete()
