"""Questions about streamers, their reports and refused uploads, and their gates."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet

from server.apps.accounts.selectors.accounts import Person, is_member
from server.apps.accounts.selectors.statistics import count_accounts_and_orgs
from server.apps.devices.models import Device
from server.apps.devices.selectors.statistics import count_projects_and_devices
from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport, UploadDay
from server.apps.streams.selectors import data
from server.apps.streams.selectors import ledger as ledger_selectors
from server.apps.streams.selectors.data import LedgerRow, Progress, ledger_of
from server.apps.streams.selectors.ledger import History, histories_of, midnight
from server.apps.streams.selectors.statistics import count_streams_and_data
from server.core.errors import NotFound
from server.lib.slugs import SlugError, StreamerSlug

MAX_STREAMERS: Final = 32
"""Streamers of a device whose history is shown."""


def count_everything(*, since: datetime | None) -> dict[str, int]:
    """For staff; `since`: only what is at least as new."""
    reports = StreamerReport.objects.filter(Q() if since is None else Q(created_on__gte=since))
    return {
        **count_accounts_and_orgs(since=since),
        **count_projects_and_devices(since=since),
        **count_streams_and_data(since=since),
        "StreamerReports": reports.count(),
    }


def streamers_of(user: Person, *, staff: bool = False) -> QuerySet[Streamer]:
    """Of the user's organisations; `staff`: all."""
    visible = Q() if staff else Q(is_member(user, "device__org_id"))
    return Streamer.objects.filter(visible).select_related("device")


def acknowledged_streamers_of(user: Person, *, staff: bool = False) -> QuerySet[Streamer]:
    """Those that have stored something: clients cannot interpret an acknowledgement of 0."""
    return streamers_of(user, staff=staff).filter(has_stored=True)


def acknowledged_streamers_of_device(device: Device) -> QuerySet[Streamer]:
    """Those that the device itself may see."""
    return Streamer.objects.filter(device=device, has_stored=True).select_related("device")


def streamer_for(user: Person, slug: str, *, staff: bool = False) -> Streamer:
    try:
        wanted = StreamerSlug.parse(slug)
    except SlugError as error:
        raise NotFound() from error
    streamer = streamers_of(user, staff=staff).filter(device_id=wanted.device, index=wanted.index).first()
    if streamer is None:
        raise NotFound()
    return streamer


def progress_of(streamers: Iterable[Streamer]) -> dict[int, Progress]:
    """Returns progress by streamer id, without streamers that have stored nothing."""
    return data.progress_of([streamer.pk for streamer in streamers])


@dataclass(frozen=True, slots=True)
class StreamerWithProgress:
    streamer: Streamer
    progress: Progress | None  # None: it stored nothing yet

    @property
    def last_id(self) -> int:
        return self.progress.last_id if self.progress is not None else 0

    @property
    def last_reboot(self) -> datetime | None:
        return self.progress.last_reboot if self.progress is not None else None


def with_progress(streamers: Iterable[Streamer]) -> list[StreamerWithProgress]:
    """One query for all of them."""
    listed = list(streamers)
    progress = progress_of(listed)
    return [StreamerWithProgress(streamer, progress.get(streamer.pk)) for streamer in listed]


def last_known_id(device: Device) -> int:
    """Returns the highest acknowledgement of its streamers; 0 for none."""
    progress = progress_of(Streamer.objects.filter(device=device))
    return max((each.last_id for each in progress.values()), default=0)


def newest_reports_of_streamer(
    user: Person, slug: str, *, limit: int, staff: bool = False
) -> list[StreamerReport]:
    streamer = streamer_for(user, slug, staff=staff)
    return list(reports_of(user, staff=staff).filter(streamer=streamer)[:limit])


def reports_of(user: Person, *, staff: bool = False) -> QuerySet[StreamerReport]:
    """Of devices of the user's organisations; `staff`: all."""
    visible = Q() if staff else Q(is_member(user, "streamer__device__org_id"))
    return StreamerReport.objects.filter(visible).select_related("streamer", "created_by")


def report_for(user: Person, report_id: uuid.UUID, *, staff: bool = False) -> StreamerReport:
    report = reports_of(user, staff=staff).filter(pk=report_id).first()
    if report is None:
        raise NotFound()
    return report


def report_of_device(device: Device, report_id: uuid.UUID) -> StreamerReport | None:
    return StreamerReport.objects.filter(pk=report_id, streamer__device=device).first()


def newest_stored_before(report: StreamerReport) -> StreamerReport | None:
    """Returns the stored report with the highest last id, of those of its streamer that came before
    it."""
    earlier = StreamerReport.objects.filter(
        streamer=report.streamer_id, created_on__lt=report.created_on, status=StreamerReport.Status.STORED
    )
    return earlier.order_by("-original_last_id", "-created_on").first()


def sample_reporting_devices(*, since: datetime, limit: int) -> list[Device]:
    """A random sample of the devices in projects."""
    lately = Streamer.objects.filter(reports__created_on__gte=since, device__project__isnull=False)
    chosen = lately.order_by("?").select_related("device")[: 4 * limit]
    return list({streamer.device_id: streamer.device for streamer in chosen}.values())[:limit]


def count_reports(device: Device) -> int:
    return StreamerReport.objects.filter(streamer__device=device).count()


@dataclass(frozen=True, slots=True)
class ReportWithLedger:
    report: StreamerReport
    ledger: LedgerRow | None  # None: not processed yet


def newest_reports(user: Person, devices: Iterable[Device], *, limit: int) -> list[StreamerReport]:
    """Of these devices, newest first. Two queries, each served by an index however many reports
    there are."""
    newest = StreamerReport.objects.filter(streamer=OuterRef("pk")).order_by("-created_on").values("pk")
    streamers = streamers_of(user).filter(device__in=devices).order_by()
    keys = streamers.values_list(ArraySubquery(newest[:limit]), flat=True)
    reports = reports_of(user).select_related("streamer__device__project", "forwarding")
    return list(reports.filter(pk__in=list(chain.from_iterable(keys)))[:limit])


def with_ledger(reports: Iterable[StreamerReport]) -> list[ReportWithLedger]:
    """Raises Unavailable when the stream-data database is unavailable."""
    reports = list(reports)
    ledger = ledger_of([report.pk for report in reports])
    return [ReportWithLedger(report, ledger.get(report.pk)) for report in reports]


def refused_uploads_of_device(user: Person, device: Device, *, limit: int) -> list[RefusedUpload]:
    refused = RefusedUpload.objects.filter(is_member(user, "device__org_id"), device=device).select_related(
        "created_by"
    )
    return list(refused[:limit])


def count_refused_uploads(*, since: datetime) -> list[tuple[str, int]]:
    """By reason, the most frequent first; for staff."""
    refused = RefusedUpload.objects.filter(created_on__gte=since).order_by()
    counted = refused.values_list("reason").annotate(count=Count("id")).order_by("-count", "reason")
    return [(reason, count) for reason, count in counted]


@dataclass(frozen=True, slots=True)
class StreamerHistory:
    """What came of one streamer, day by day."""

    streamer: Streamer
    history: History


def histories_of_device(device: Device, *, first: date, last: date, zone: ZoneInfo) -> list[StreamerHistory]:
    """Of its streamers, by index. Raises Unavailable when the stream-data database is
    unavailable."""
    streamers = list(Streamer.objects.filter(device=device).order_by("index")[:MAX_STREAMERS])
    keys = [streamer.pk for streamer in streamers]
    if not keys:
        return []
    found = histories_of(
        keys,
        first=first,
        last=last,
        zone=zone,
        report_ids=_report_ids(keys, midnight(first, zone)),
    )
    return [StreamerHistory(streamer, found[streamer.pk]) for streamer in streamers]


def _report_ids(streamer_keys: list[int], since: datetime) -> set[int]:
    """Returns the own ids of reports that came since, which a device takes from the counter of its
    readings. One query by an index."""
    reports = StreamerReport.objects.filter(streamer__in=streamer_keys, created_on__gte=since).order_by()
    return set(reports.values_list("incremental_id", flat=True))


def reports_of_day(
    user: Person, device: Device, day: date, *, zone: ZoneInfo, limit: int
) -> list[StreamerReport]:
    """Those that were processed on this day, newest first. Raises Unavailable."""
    keys = list(Streamer.objects.filter(device=device).values_list("pk", flat=True))
    found = ledger_selectors.reports_of_day(keys, day=day, zone=zone, most=limit)
    reports = reports_of(user).select_related("streamer__device__project", "forwarding")
    return list(reports.filter(pk__in=found))


def uploads_on(org_id: uuid.UUID, day: date) -> UploadDay:
    """Returns how much the organisation uploaded; a few seconds late."""
    return UploadDay.objects.filter(org=org_id, day=day).first() or UploadDay(org_id=org_id, day=day)
