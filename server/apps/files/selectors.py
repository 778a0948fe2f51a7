"""Questions about files."""

from uuid import UUID

from server.apps.files.models import StoredFile


def object_keys_of_org(org_id: UUID) -> list[str]:
    return list(StoredFile.objects.filter(org=org_id).values_list("object_key", flat=True))
