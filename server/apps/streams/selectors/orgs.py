"""Counts of an organisation's objects, and the search for its devices and data blocks."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from server.apps.accounts.models import Org
from server.apps.accounts.selectors.accounts import Person
from server.apps.accounts.selectors.orgs import members_of
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import count_devices_of, count_projects_of, devices_of, property_is
from server.apps.streams.models import DataBlock
from server.apps.streams.selectors.blocks import blocks_of


@dataclass(frozen=True, slots=True)
class Search:
    """Words to find in names, and properties with their required values."""

    words: str
    properties: Mapping[str, str]


def counts_of_org(org: Org) -> dict[str, int]:
    """Return the counts by kind. Fleets, networks and reports do not exist yet."""
    return {
        "projects": count_projects_of(org),
        "datablocks": DataBlock.objects.filter(org=org).count(),
        "members": members_of(org).count(),
        "devices": count_devices_of(org),
        "fleets": 0,
        "networks": 0,
        "reports": 0,
    }


def find_devices(user: Person, org: Org, search: Search, *, staff: bool = False) -> QuerySet[Device]:
    devices = devices_of(user, staff=staff).filter(_has_properties(search, user, staff=staff), org=org)
    if search.words:
        devices = devices.filter(_contains_words(search.words, "label", "slug", "external_id"))
    return devices.order_by("id")


def find_blocks(user: Person, org: Org, search: Search, *, staff: bool = False) -> QuerySet[DataBlock]:
    blocks = blocks_of(user, staff=staff).filter(_has_properties(search, user, staff=staff), org=org)
    if search.words:
        blocks = blocks.filter(_contains_words(search.words, "title", "description", "slug"))
    return blocks


def _has_properties(search: Search, user: Person, *, staff: bool) -> Q:
    condition = Q()
    for name, value in search.properties.items():
        condition &= property_is(user, name, value, staff=staff)
    return condition


def _contains_words(words: str, *fields: str) -> Q:
    """Each word is contained in one of the fields, ignoring case."""
    condition = Q()
    for word in words.split():
        one = Q()
        for field in fields:
            one |= Q(**{f"{field}__icontains": word})
        condition &= one
    return condition
