"""REST clients of programs that act for an organisation."""

import secrets

from rest_framework.test import APIClient

from server.apps.accounts.models import Org, OrgApiKey
from server.core import credentials


def program_client(org: Org, *scopes: OrgApiKey.Scope) -> APIClient:
    """With an API key of the organisation in every request."""
    prefix = secrets.token_hex(OrgApiKey.PREFIX_LENGTH // 2)
    key = f"{prefix}.{secrets.token_hex(OrgApiKey.SECRET_LENGTH // 2)}"
    OrgApiKey.objects.create(
        org=org,
        name="Line 1",
        prefix=prefix,
        digest=credentials.digest(key),
        scopes=list(scopes),
        created_by=org.created_by,
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client
