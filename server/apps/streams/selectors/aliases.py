"""Stream aliases and their taps, and their gates. Their data: `selections`."""

from django.db.models import Q, QuerySet

from server.apps.accounts.models import Org
from server.apps.accounts.selectors.accounts import Person, org_ids_where
from server.apps.devices.selectors.metadata import row_number
from server.apps.streams.models import StreamAlias, StreamAliasTap, StreamId
from server.core.errors import NotFound
from server.lib.slugs import AliasSlug, SlugError, StreamSlug


def aliases_of(user: Person, *, staff: bool = False) -> QuerySet[StreamAlias]:
    """Return aliases of organisations where the user may list streams; `staff`: all."""
    aliases = StreamAlias.objects.filter(_visible(user, "org_id", staff))
    return aliases.select_related("org", "created_by")


def alias_for(user: Person, slug: str, *, staff: bool = False) -> StreamAlias:
    """The gate to an alias, and to its taps."""
    try:
        wanted = str(AliasSlug.parse(slug))
    except SlugError as error:
        raise NotFound() from error
    alias = aliases_of(user, staff=staff).filter(slug=wanted).first()
    if alias is None:
        raise NotFound()
    return alias


def taps_of(user: Person, *, staff: bool = False) -> QuerySet[StreamAliasTap]:
    taps = StreamAliasTap.objects.filter(_visible(user, "alias__org_id", staff))
    return taps.select_related("alias__org", "stream", "created_by").order_by("alias", "timestamp")


def tap_for(user: Person, pk: str, *, staff: bool = False) -> StreamAliasTap:
    """The gate to a tap."""
    tap = taps_of(user, staff=staff).filter(pk=row_number(pk)).first()
    if tap is None:
        raise NotFound()
    return tap


def stream_of_org(org: Org, slug: str) -> StreamId | None:
    """Return a stream by any form of its slug; None if it is not the organisation's."""
    try:
        return StreamId.objects.filter(org=org, slug=str(StreamSlug.parse(slug))).first()
    except SlugError:
        return None


def _visible(user: Person, org_field: str, staff: bool) -> Q:
    if staff:
        return Q()
    return Q(**{f"{org_field}__in": org_ids_where(user, "can_read_stream_ids")})
