"""Names of other objects in a request: a slug comes in, the object goes on."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from rest_framework import serializers


class ReferenceField(serializers.CharField):
    """A slug that `find` turns into an object. What it does not find is named, in one and the same way whatever the reason.

    With `allow_null` also "" stands for none, which is what the existing clients send.
    """

    def __init__(self, find: Callable[[str], Model | None], **kwargs: Any) -> None:
        super().__init__(max_length=100, allow_blank=kwargs.get("allow_null", False), **kwargs)
        self.find = find

    def run_validation(self, data: Any = serializers.empty) -> Any:
        slug = super().run_validation(data)
        if not isinstance(slug, str):
            return slug
        if not slug:
            return None
        found = self.find(slug)
        if found is None:
            raise serializers.ValidationError(f"There is no {slug}.")
        return found
