"""Move or unclaim a device: the part that concerns its own row and keys."""

from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceKey, HealthState, Project
from server.apps.devices.services.keys import revoke_device_tokens
from server.apps.devices.services.metadata import remove_metadata, transfer_metadata


def enter_other_project(*, device: Device, into: Project, by: Account | None) -> None:
    """Part of moving, which is a use case of `lifecycle`."""
    # They name the project, and must not become valid again when the device is moved back.
    revoke_device_tokens(device=device)
    changes: dict[str, object] = {"project": into, "org": into.org}
    if device.org_id != into.org_id:
        transfer_metadata(target=device.slug, org=into.org)
        _revoke_credentials(device)
        # Mails about it must not go to people of the former organisation.
        changes |= {"claimed_by": by, "claimed_on": timezone.now(), "notification_recipients": []}
    Device.objects.filter(pk=device.pk).update(**changes)


def leave_project(*, device: Device, label: str, state: str) -> None:
    """Part of unclaiming, which is a use case of `lifecycle`. Leaves nothing that the next owner
    could see."""
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
    """Revoke those that the former owner may know. The claim code and the keys that sign reports
    stay: they prove the device itself."""
    DeviceKey.objects.filter(device=device, kind__in=_GIVEN_TO_PEOPLE, revoked_on=None).update(
        revoked_on=timezone.now()
    )


def remove_project(project: Project) -> None:
    """Delete the row of an empty project: part of its deletion, which is a use case of
    `lifecycle`."""
    project.delete()
