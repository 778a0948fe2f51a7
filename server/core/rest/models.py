"""Tables of the REST layer itself."""

from django.db import models
from django.db.models.functions import Now


class IdempotentAnswer(models.Model):
    """The answer to a POST with an `Idempotency-Key`, kept for a day for repetitions of the
    request.

    `scope` is a digest of the caller, the path and the key. The row has no answer while the request
    is in progress; nobody sees that, as it is in the request's transaction.
    """

    scope = models.CharField(max_length=64, primary_key=True)
    request_digest = models.CharField(
        max_length=64, help_text="Of the query, the type of the body and the body."
    )
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=bytes, help_text="Sealed: it may hold a secret that is shown once.")
    rights = models.JSONField(
        default=dict,
        db_default={},
        help_text="Of the caller, when the request was made: lists by what they are for.",
    )
    created_on = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "core"
        indexes = [models.Index("created_on", name="idempotent_answer_oldest")]

    def __str__(self) -> str:
        return self.scope
