"""Changing and removing an organisation, and its domains."""

from typing import Any
from urllib.parse import quote

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from server.apps.accounts.models import Account, Org, OrgDomain, OrgTemplate, Role
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.orgs import rank_in, rank_of
from server.apps.accounts.services.accounts import org_slug
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.security import Kind, record_security_event
from server.apps.files.selectors import object_keys_of_org
from server.core.errors import Conflict, Forbidden, Invalid
from server.core.storage import delete_object
from server.lib.mailboxes import ascii_domain


@transaction.atomic
def change_org(*, org: Org, changes: dict[str, Any], by: Account, staff: bool = False) -> Org:
    """`changes`: `name`, `about`, `ot`. The slug stays, since programs know it.

    Raises Forbidden, Conflict for a name that another organisation has.
    """
    require(by, "can_manage_org_and_projects", org, staff=staff)
    name: str = changes.get("name", org.name)
    org_slug(name)  # raises Invalid
    org.name, org.about = name, changes.get("about", org.about)
    template: OrgTemplate | None = changes.get("ot", org.ot)
    org.ot = template
    try:
        with transaction.atomic():
            org.save(update_fields=["name", "about", "ot"])
    except IntegrityError as error:
        raise Conflict("There is an organisation with this name.", field="name") from error
    _record_change(org, "org", org.slug, Verb.CHANGED, "change-org", by, fields=sorted(changes))
    return org


def delete_org(*, org: Org, by: Account) -> None:
    """Delete it with its members, projects, keys and audit trail; a security event stays. Raises
    Conflict while it has devices, archives or templates of its own.
    """
    keys = object_keys_of_org(org.pk)
    try:
        with transaction.atomic():
            org.delete()
            record_security_event(Kind.ORG_DELETED, account=by, subject=f"{org.slug} {org.name}")
    except ProtectedError as error:
        raise Conflict("The organisation still has devices, archives or templates of its own.") from error
    for key in keys:
        delete_object(key)


@transaction.atomic
def add_domain(*, org: Org, name: str, default_role: Role, by: Account, staff: bool = False) -> OrgDomain:
    """Nobody joins by the domain before staff have verified it. Raises Forbidden, Invalid,
    Conflict."""
    require(by, "can_manage_users", org, staff=staff)
    if rank_of(default_role) > rank_in(by, org, staff=staff):
        raise Forbidden("You cannot give a role above your own.")
    name = _domain_name(name)
    try:
        with transaction.atomic():
            domain = OrgDomain.objects.create(org=org, name=name, default_role=default_role, created_by=by)
    except IntegrityError as error:
        raise Conflict("The organisation has this domain already.", field="name") from error
    _record_change(org, "domain", _ref(name), Verb.CREATED, "add-domain", by, name=name, role=default_role)
    return domain


def _domain_name(text: str) -> str:
    name = ascii_domain(text.strip().removeprefix("@"))
    labels = name.split(".")
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    if len(labels) < 2 or not all(label and len(label) < 64 and set(label) <= letters for label in labels):
        raise Invalid("A domain such as example.com is needed.", field="name")
    return name


@transaction.atomic
def verify_domain(*, domain: OrgDomain, verified: bool, by: Account) -> OrgDomain:
    """Staff only, who have checked that the domain is the organisation's: its people join without
    an invitation.

    Raises Conflict for a domain of another organisation.
    """
    domain.verified = verified
    try:
        with transaction.atomic():
            domain.save(update_fields=["verified"])
    except IntegrityError as error:
        raise Conflict("This domain is verified for another organisation.", field="verified") from error
    event = "verify-domain" if verified else "suspend-domain"
    _record_change(domain.org, "domain", _ref(domain.name), Verb.CHANGED, event, by, name=domain.name)
    return domain


@transaction.atomic
def remove_domain(*, domain: OrgDomain, by: Account, staff: bool = False) -> None:
    """Members who joined by it stay. Raises Forbidden."""
    require(by, "can_manage_users", domain.org, staff=staff)
    domain.delete()
    _record_change(
        domain.org, "domain", _ref(domain.name), Verb.DELETED, "remove-domain", by, name=domain.name
    )


def _ref(name: str) -> str:
    return quote(name)[:80]


def _record_change(
    org: Org, kind: str, ref: str, verb: Verb, event: str, by: Account, **details: Any
) -> None:
    record_change(org=org, kind=kind, ref=ref, verb=verb, event=event, by=by, audited=True, details=details)
