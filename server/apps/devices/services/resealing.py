"""Every sealed secret of the installation, sealed again after a change of SEAL_KEY."""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from server.apps.accounts.services.resealing import reseal_second_factors
from server.apps.devices.models import ConfigAttribute, DeviceKey
from server.core import credentials
from server.core.errors import Unavailable
from server.core.rest.models import IdempotentAnswer
from server.core.sealed_documents import reseal_document


def reseal_all() -> tuple[int, int]:
    """Returns how many rows were sealed with the present SEAL_KEY, and how many could not be
    opened. Each row is a transaction of its own, so it may be interrupted and run again."""
    counts = [
        _reseal_rows(DeviceKey.objects.exclude(sealed=b""), "sealed", _reseal_bytes),
        _reseal_rows(IdempotentAnswer.objects.exclude(body=b""), "body", _reseal_bytes),
        _reseal_rows(ConfigAttribute.objects.all(), "data", reseal_document),
        reseal_second_factors(),
    ]
    return sum(done for done, _ in counts), sum(failed for _, failed in counts)


def _reseal_bytes(sealed: Any) -> bytes:
    return credentials.reseal(bytes(sealed))


def _reseal_rows(rows: models.QuerySet[Any], field: str, reseal: Callable[[Any], Any]) -> tuple[int, int]:
    done = failed = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator():
        with transaction.atomic():
            row = rows.select_for_update().filter(pk=pk)
            for sealed in row.values_list(field, flat=True):
                try:
                    done += row.update(**{field: reseal(sealed)})
                except Unavailable:
                    failed += 1
    return done, failed
