"""Stream aliases: one name for what several streams measured, one after the other."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, connection, transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.streams.models import StreamAlias, StreamAliasTap, StreamId
from server.apps.streams.selectors.aliases import stream_of_org
from server.core.errors import Conflict, Invalid
from server.lib.slugs import AliasSlug

_PERMISSION: Final = "can_manage_stream_aliases"


@transaction.atomic
def create_alias(*, name: str, org: Org, by: Account, staff: bool = False) -> StreamAlias:
    """Create an alias without taps. Raises Forbidden without `can_manage_stream_aliases`."""
    _require_permission(org, by, staff)
    number = _next_number()
    alias = StreamAlias.objects.create(
        id=number, slug=str(AliasSlug(number)), name=name, org=org, created_by=by
    )
    _record_change(alias, by, Verb.CREATED, "create-alias")
    return alias


def _next_number() -> int:
    """Return the id of the next alias."""
    # The slug contains the row's id, so the id must be known before the row is inserted.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [StreamAlias._meta.db_table])
        return int(cursor.fetchone()[0])


@transaction.atomic
def change_alias(*, alias: StreamAlias, name: str, by: Account, staff: bool = False) -> StreamAlias:
    """Raises Forbidden."""
    _require_permission(alias.org, by, staff)
    alias.name = name
    alias.save(update_fields=["name"])
    _record_change(alias, by, Verb.CHANGED, "change-alias")
    return alias


@transaction.atomic
def delete_alias(*, alias: StreamAlias, by: Account, staff: bool = False) -> None:
    """Delete an alias and its taps; the data of its streams stays. Raises Forbidden."""
    _require_permission(alias.org, by, staff)
    _record_change(alias, by, Verb.DELETED, "delete-alias")
    alias.delete()


@transaction.atomic
def add_tap(
    *, alias: StreamAlias, timestamp: datetime, stream: str, by: Account, staff: bool = False
) -> StreamAliasTap:
    """Let the alias be this stream from `timestamp` on. Raises Forbidden, Invalid for a stream that
    is not the organisation's, Conflict for a second tap at that time.
    """
    _require_permission(alias.org, by, staff)
    tap = StreamAliasTap(
        alias=alias, timestamp=timestamp, stream=_require_stream(alias.org, stream), created_by=by
    )
    _save_tap(tap)
    _record_change(alias, by, Verb.CHANGED, "add-tap")
    return tap


@transaction.atomic
def change_tap(
    *,
    tap: StreamAliasTap,
    by: Account,
    timestamp: datetime | None = None,
    stream: str | None = None,
    staff: bool = False,
) -> StreamAliasTap:
    """Change what is not None. Raises as `add_tap` does."""
    _require_permission(tap.alias.org, by, staff)
    tap.timestamp = timestamp or tap.timestamp
    if stream is not None:
        tap.stream = _require_stream(tap.alias.org, stream)
    _save_tap(tap)
    _record_change(tap.alias, by, Verb.CHANGED, "change-tap")
    return tap


@transaction.atomic
def delete_tap(*, tap: StreamAliasTap, by: Account, staff: bool = False) -> None:
    """Delete a tap; the alias stays with the stream of the tap before it. Raises Forbidden."""
    _require_permission(tap.alias.org, by, staff)
    _record_change(tap.alias, by, Verb.CHANGED, "delete-tap")
    tap.delete()


def _save_tap(tap: StreamAliasTap) -> None:
    try:
        with transaction.atomic():
            tap.save()
    except IntegrityError as error:
        raise Conflict("The alias already has a tap at this time.", field="timestamp") from error


def _require_stream(org: Org, slug: str) -> StreamId:
    """Raises Invalid for a stream that does not exist or is another organisation's, with the same
    answer."""
    stream = stream_of_org(org, slug)
    if stream is None:
        raise Invalid(f"There is no {slug}.", field="stream")
    return stream


def _require_permission(org: Org, by: Account, staff: bool) -> None:
    require(by, _PERMISSION, org, staff=staff)


def _record_change(alias: StreamAlias, by: Account, verb: Verb, event: str) -> None:
    record_change(org=alias.org, kind="alias", ref=alias.slug, verb=verb, event=event, by=by)
