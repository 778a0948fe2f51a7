"""Counts of projects and devices on this installation."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q

from server.apps.devices.models import Device, HealthState, Project


def count_projects_and_devices(*, since: datetime | None) -> dict[str, int]:
    """`since`: only projects created, devices created and devices claimed then or later."""
    made = Q() if since is None else Q(created_on__gte=since)
    claimed = Q(project__isnull=False) if since is None else Q(project__isnull=False, claimed_on__gte=since)
    return {
        "Projects": Project.objects.filter(made, is_template=False).count(),
        "ActiveDevices": Device.objects.filter(made, active=True).count(),
        "ClaimedDevices": Device.objects.filter(claimed).count(),
    }


class DeviceCount(NamedTuple):
    all: int
    heard: int
    failing: int
    """Silent ones of which people got a mail."""


def count_devices(*, heard_since: datetime) -> DeviceCount:
    counted = Device.objects.aggregate(
        all=Count("pk"),
        heard=Count("pk", filter=Q(last_report_on__gte=heard_since)),
        failing=Count("pk", filter=Q(last_known_state=HealthState.FAIL)),
    )
    return DeviceCount(**counted)
