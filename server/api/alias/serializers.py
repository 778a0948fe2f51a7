"""Serializers of stream aliases and their taps. Field names are those of the original cloud."""

from typing import Any, ClassVar

from rest_framework import serializers

from server.apps.streams.models import StreamAlias, StreamAliasTap
from server.core.rest.moments import StoredMomentField
from server.core.rest.parsing import StrictInput

Slug = serializers.SlugRelatedField[Any]


class AliasOutput(serializers.ModelSerializer[StreamAlias]):
    gid = serializers.SerializerMethodField(help_text="The slug without its prefix.")
    org = Slug(slug_field="slug", read_only=True)
    created_by = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = StreamAlias
        fields = ("id", "slug", "gid", "name", "org", "created_on", "created_by")
        read_only_fields = fields

    def get_gid(self, alias: StreamAlias) -> str:
        return alias.slug.removeprefix("a--")


class AliasInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "slug", "gid", "created_on", "created_by"})

    name = serializers.CharField(max_length=64)
    org = serializers.CharField(max_length=60, help_text="Slug of an organisation. Cannot be changed.")


class TapOutput(serializers.ModelSerializer[StreamAliasTap]):
    alias = Slug(slug_field="slug", read_only=True)
    stream = Slug(slug_field="slug", read_only=True)
    created_by = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = StreamAliasTap
        fields = ("id", "alias", "timestamp", "stream", "created_on", "created_by")
        read_only_fields = fields


class TapInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "created_on", "created_by"})

    alias = serializers.CharField(max_length=64, help_text="Slug of a stream alias. Cannot be changed.")
    timestamp = StoredMomentField(help_text="From this time on the alias is the stream.")
    stream = serializers.CharField(max_length=64, help_text="Slug of a stream of the same organisation.")
