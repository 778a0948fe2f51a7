"""API keys of an organisation, with which its programs sign in."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.leaving import live_keys_made_by
from server.apps.activity.services.changes import Verb, record_change
from server.core import credentials
from server.core.errors import Invalid, NotFound

PERMISSION = "can_manage_org_and_projects"


@transaction.atomic
def create_org_api_key(
    *,
    org: Org,
    name: str,
    scopes: Sequence[str],
    by: Account,
    expires_on: datetime | None = None,
    staff: bool = False,
) -> tuple[OrgApiKey, str]:
    """Returns the row, and the key in the clear, which is not stored. Raises Forbidden, Invalid."""
    # Who is being removed makes no key that the removal does not see.
    Org.objects.select_for_update().get(pk=org.pk)
    require(by, PERMISSION, org, staff=staff)
    if not scopes:
        raise Invalid("Choose at least one scope.", field="scopes")
    if expires_on is not None and expires_on <= timezone.now():
        raise Invalid("This time is in the past.", field="expires_on")
    prefix = get_random_string(OrgApiKey.PREFIX_LENGTH)
    secret = secrets.token_hex(
        OrgApiKey.SECRET_LENGTH // 2
    )  # hex, which every header and configuration file takes
    clear = f"{prefix}.{secret}"
    key = OrgApiKey.objects.create(
        org=org,
        name=name,
        prefix=prefix,
        digest=credentials.digest(clear),
        scopes=sorted(set(scopes)),
        expires_on=expires_on,
        created_by=by,
    )
    _record_change(key, Verb.CREATED, "create-api-key", by)
    return key, clear


@transaction.atomic
def revoke_org_api_key(*, org: Org, key_id: UUID, by: Account, staff: bool = False) -> None:
    """It stops working at once. Raises Forbidden, NotFound."""
    require(by, PERMISSION, org, staff=staff)
    key = OrgApiKey.objects.select_for_update().filter(org=org, pk=key_id).first()
    if key is None:
        raise NotFound()
    if key.revoked_on is None:
        _revoke(key, by)


def revoke_keys_made_by(*, org: Org, maker: Account, by: Account) -> int:
    """Part of the caller's transaction, which has checked who may. Returns how many there were."""
    keys = list(live_keys_made_by(maker, org).select_for_update())
    for key in keys:
        _revoke(key, by)
    return len(keys)


def _revoke(key: OrgApiKey, by: Account) -> None:
    key.revoked_on = timezone.now()
    key.save(update_fields=["revoked_on"])
    _record_change(key, Verb.DELETED, "revoke-api-key", by)


def _record_change(key: OrgApiKey, verb: Verb, event: str, by: Account) -> None:
    record_change(
        org=key.org,
        kind="api-key",
        ref=key.prefix,
        verb=verb,
        event=event,
        by=by,
        audited=True,
        details={"name": key.name, "scopes": key.scopes},
    )
