from django.db import models

from server.apps.accounts.models import Org


class UploadDay(models.Model):
    """What an organisation uploaded on one day (UTC), for its quota."""

    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    day = models.DateField()
    reports = models.PositiveBigIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["org", "day"], name="one_row_an_org_and_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.reports}"
