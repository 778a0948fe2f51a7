"""Streams that clients write to directly, by slug: the gate, the permissions, and the creation of
missing streams."""

import uuid
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.db.backends.utils import CursorWrapper

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import active_memberships
from server.apps.devices.models import Device
from server.apps.devices.services.states import BUSY
from server.apps.streams.services.streams import (
    OwnedWriter,
    StreamWriter,
    stream_writers,
    writers_of_slugs,
)
from server.apps.streams.store.writers import join_writers
from server.core.errors import Forbidden, Invalid
from server.lib.slugs import StreamSlug

PERMISSION: Final = "can_create_stream_data"

Author: TypeAlias = Account | Device
"""A person, or a device that writes its own data."""


def writable_streams(
    slugs: Set[StreamSlug], *, by: Author, staff: bool = False
) -> dict[StreamSlug, StreamWriter]:
    """Return the writers of all these streams. As for a report, a missing stream is created when
    its device is in the project.

    Raises Invalid (`stream`) for a stream that does not exist or is not visible to the author, with
    the same answer, and for one that takes no data; Forbidden for members without the permission.
    """
    rights = _Rights(by, staff)
    found = {StreamSlug.parse(each.writer.slug): each for each in writers_of_slugs(map(str, slugs))}
    missing = slugs - found.keys()
    if missing:
        _make_streams(missing, rights)
        found |= {StreamSlug.parse(e.writer.slug): e for e in writers_of_slugs(map(str, missing))}
    rights.load({org for each in found.values() for org in (each.org_id, each.device_org_id)})
    for slug in sorted(slugs):
        _check(slug, found.get(slug), rights)
    return {slug: found[slug].writer for slug in slugs}


def lock_writable_streams(
    cursor: CursorWrapper, slugs: Set[StreamSlug], *, by: Author, staff: bool = False
) -> dict[StreamSlug, StreamWriter]:
    """Return the same, and keep archives from taking the streams until the transaction of the
    stream-data database ends."""
    join_writers(cursor, [slug.device for slug in slugs])
    return writable_streams(slugs, by=by, staff=staff)


def _check(slug: StreamSlug, stream: OwnedWriter | None, rights: "_Rights") -> None:
    if stream is None or not rights.sees(stream):
        raise Invalid(f"There is no stream {slug}.", field="stream")
    if not rights.may_write(stream):
        raise Forbidden()
    if stream.archived:
        raise Invalid(f"The stream {slug} is in an archive.", field="stream")
    if stream.device_busy:
        raise Forbidden(BUSY)
    if not stream.writer.enabled:
        raise Invalid(f"The stream {slug} is disabled.", field="stream")


@dataclass(slots=True)
class _Rights:
    """What the author may do, by organisation."""

    by: Author
    staff: bool
    _may: dict[uuid.UUID | None, bool] = field(default_factory=dict)

    def load(self, orgs: Iterable[uuid.UUID | None]) -> None:
        unknown = {org for org in orgs if org is not None} - self._may.keys()
        if isinstance(self.by, Account) and unknown:
            members = active_memberships(self.by).filter(org_id__in=unknown)
            self._may |= {member.org_id: member.may(PERMISSION) for member in members}

    def sees(self, stream: OwnedWriter) -> bool:
        if isinstance(self.by, Device):
            return stream.device_id == self.by.pk and stream.org_id == self.by.org_id is not None
        return self.staff or stream.org_id in self._may

    def sees_org(self, org_id: uuid.UUID | None, device_id: int) -> bool:
        if isinstance(self.by, Device):
            return device_id == self.by.pk
        return self.staff or org_id in self._may

    def may_write_in(self, org_id: uuid.UUID | None) -> bool:
        return self.staff or isinstance(self.by, Device) or self._may.get(org_id, False)

    def may_write(self, stream: OwnedWriter) -> bool:
        """Whether the author may write in the organisation of the stream and, if the device has
        moved to another one, in that too."""
        if self.staff or isinstance(self.by, Device):
            return True
        orgs = {stream.org_id, stream.device_org_id or stream.org_id}
        return all(org is not None and self._may.get(org, False) for org in orgs)


def _make_streams(missing: Set[StreamSlug], rights: _Rights) -> None:
    """Create missing streams, and variables, of devices that are in the projects that the slugs
    name. Raises Forbidden for members without the permission."""
    wanted: dict[tuple[int, int], set[int]] = {}
    for slug in missing:
        if not slug.block:
            wanted.setdefault((slug.project, slug.device), set()).add(slug.variable)
    devices = Device.objects.filter(pk__in={device for _, device in wanted}, project__isnull=False)
    rows: list[Any] = list(devices.values_list("project__gid", "pk", "project_id", "project__org_id"))
    rights.load({row[-1] for row in rows})
    for gid, device_id, project_id, org_id in rows:
        lids = wanted.get((gid, device_id))
        if lids is not None and rights.sees_org(org_id, device_id):
            if not rights.may_write_in(org_id):
                raise Forbidden()
            stream_writers(device_id=device_id, project_id=project_id, lids=lids)
