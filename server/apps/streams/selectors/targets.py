"""The gate to a target: what properties, notes, locations and configuration are about."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import Person, account_for, org_by_slug, org_for, require
from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import device_for, project_for
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.selectors.blocks import block_for
from server.apps.streams.selectors.data import stream_identity_for
from server.core.errors import Invalid, NotFound
from server.lib.slugs import SlugError, parse_any

TargetObject: TypeAlias = StreamId | Device | DataBlock | Project | Org | Account


class TargetKind(StrEnum):
    """The kinds by the first character of their slugs."""

    STREAM = "s"
    DEVICE = "d"
    BLOCK = "b"
    PROJECT = "p"
    ORG = "^"
    ACCOUNT = "@"


OF_NOTES: Final = frozenset({TargetKind.STREAM, TargetKind.DEVICE, TargetKind.BLOCK, TargetKind.PROJECT})
OF_LOCATIONS: Final = frozenset({TargetKind.DEVICE, TargetKind.BLOCK})
OF_PROPERTIES: Final = frozenset({TargetKind.PROJECT, TargetKind.DEVICE, TargetKind.BLOCK})
OF_CONFIGURATION: Final = frozenset(TargetKind) - {TargetKind.STREAM}


@dataclass(frozen=True, slots=True)
class Target:
    """An object that the caller may see. `staff`: the caller is staff, so nothing is forbidden."""

    slug: str
    kind: TargetKind
    thing: TargetObject
    owner: Org | None
    """None for an account: it belongs to itself."""
    staff: bool = False

    @property
    def org(self) -> Org:
        """The organisation of a target that has one. Raises NotFound for an account."""
        if self.owner is None:
            raise NotFound()
        return self.owner

    def require(self, by: Person, permission: str) -> None:
        """Raises Forbidden without the permission."""
        if not self.staff:
            require(by, permission, self.org)


def target_for(user: Person, slug: str, *, kinds: frozenset[TargetKind], staff: bool = False) -> Target:
    """The gate, by the full slug. Raises Invalid unless it is a slug of these kinds, NotFound for
    what does not exist or the user may not see.
    """
    slug = slug.lower()
    kind = _kind_of(slug, kinds)
    thing, owner = _FIND[kind](user, slug, staff)
    if owner is None and kind is not TargetKind.ACCOUNT:
        raise NotFound()
    return Target(slug, kind, thing, owner, staff)


def _kind_of(slug: str, kinds: frozenset[TargetKind]) -> TargetKind:
    try:
        if str(parse_any(slug)) != slug:
            raise SlugError("The full slug is needed.")
        kind = TargetKind(slug[0])
    except SlugError as error:
        raise Invalid(str(error), field="target") from error
    except ValueError as error:
        raise Invalid(_expected(kinds), field="target") from error
    if kind not in kinds:
        raise Invalid(_expected(kinds), field="target")
    return kind


def _expected(kinds: frozenset[TargetKind]) -> str:
    return f"The slug must begin with one of: {', '.join(sorted(kinds))}."


_ObjectAndOwner: TypeAlias = tuple[TargetObject, Org | None]


def _stream(user: Person, slug: str, staff: bool) -> _ObjectAndOwner:
    stream = stream_identity_for(user, slug, staff=staff)
    return stream, stream.org


def _device(user: Person, slug: str, staff: bool) -> _ObjectAndOwner:
    device = device_for(user, slug, staff=staff)
    return device, device.org


def _block(user: Person, slug: str, staff: bool) -> _ObjectAndOwner:
    block = block_for(user, slug, staff=staff)
    return block, block.org


def _project(user: Person, slug: str, staff: bool) -> _ObjectAndOwner:
    project = project_for(user, slug, staff=staff)
    return project, project.org


def _org(user: Person, slug: str, staff: bool) -> _ObjectAndOwner:
    org = org_by_slug(slug[1:]) if staff else org_for(user, slug[1:])
    if org is None:
        raise NotFound()
    return org, org


def _account(user: Person, slug: str, staff: bool) -> _ObjectAndOwner:
    return account_for(user, slug, staff=staff), None


_FIND: Final[dict[TargetKind, Callable[[Person, str, bool], _ObjectAndOwner]]] = {
    TargetKind.STREAM: _stream,
    TargetKind.DEVICE: _device,
    TargetKind.BLOCK: _block,
    TargetKind.PROJECT: _project,
    TargetKind.ORG: _org,
    TargetKind.ACCOUNT: _account,
}


def target_of(thing: Project | Device | DataBlock, *, staff: bool = False) -> Target:
    """Return the target of an object that passed its own gate. Raises NotFound for one without an
    organisation."""
    kind = TargetKind(thing.slug[0])
    if thing.org is None:
        raise NotFound()
    return Target(thing.slug, kind, thing, thing.org, staff)


def configuration_chain(target: Target, user: Account) -> list[str]:
    """Return the slugs to look up configuration for, in order: the target, the project of a device,
    the organisation, the user."""
    chain = [target.slug]
    if isinstance(target.thing, Device) and target.thing.project is not None:
        chain.append(target.thing.project.slug)
    if target.owner is not None:
        chain += [target.owner.ref, user.ref]
    return list(dict.fromkeys(chain))
