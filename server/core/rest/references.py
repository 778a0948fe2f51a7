"""References to other objects in a request, by their slug."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from rest_framework import serializers


class ReferenceField(serializers.CharField):
    """A slug; its value is the object that `find` returns for it. The error for a missing object is
    the same whatever the reason.

    With `allow_null`, "" is none too, as existing clients send it.
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
