"""People outside who are notified of silent devices."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Lower

from server.apps.accounts.models import Org


class OutsideRecipient(models.Model):
    """An address that is no member's, and its owner's consent to mails about devices of an
    organisation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    email = models.EmailField()
    asked_on = models.DateTimeField(help_text="When the link to confirm was mailed.")
    confirmed_on = models.DateTimeField(null=True, blank=True)
    unsubscribed_on = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint("org", Lower("email"), name="one_outside_recipient_an_org_and_address")
        ]

    def __str__(self) -> str:
        return f"{self.email} for {self.org_id}"

    @property
    def gets_mail(self) -> bool:
        return self.confirmed_on is not None and self.unsubscribed_on is None

    def may_be_asked(self, *, expired_before: datetime) -> bool:
        """Whether the question was never answered and its link has expired. Who unsubscribed is not
        asked again."""
        return self.confirmed_on is None and self.unsubscribed_on is None and self.asked_on < expired_before
