"""Serializers of notes. Field names are those of the original cloud."""

from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from server.apps.files.models import StoredFile
from server.apps.files.services import file_url
from server.apps.streams.models import StreamNote
from server.core.rest.moments import MomentField, MomentInput, StoredMomentField
from server.core.rest.numbers import PositiveField
from server.core.rest.parsing import StrictInput

MOST_LAST: Final = 10_000
_MOST_ID: Final = 2**63 - 1
_MOST_CHARACTERS: Final = 20_000


def _id(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_MOST_ID, default=None, help_text=text)


class NoteQuery(MomentInput):
    target = serializers.CharField(
        max_length=64, help_text="Full slug of a stream, device, data block or project."
    )
    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    lastn = PositiveField(most=MOST_LAST, default=None, help_text="Only the newest ones; at most 10000.")
    id_min = _id("From this id on.")
    id_max = _id("Up to this id.")


class UserInfo(serializers.Serializer[Any]):
    username = serializers.CharField()
    slug = serializers.CharField()
    tiny_avatar = serializers.CharField(allow_null=True)


class AttachmentOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField(help_text="The name of the uploaded file.")
    url = serializers.CharField(help_text="Opens the file for an hour, without signing in.")
    file_type = serializers.CharField(help_text="The extension of the file name, without the dot.")


class NoteOutput(serializers.ModelSerializer[StreamNote]):
    """Needs the request in its context, for the absolute URL of an attachment."""

    user_info = serializers.SerializerMethodField(
        help_text="Who wrote it; null: the system, or a former user."
    )
    attachment = serializers.SerializerMethodField()

    class Meta:
        model = StreamNote
        fields = ("id", "target", "timestamp", "note", "type", "user_info", "attachment")
        read_only_fields = fields

    @extend_schema_field(UserInfo(allow_null=True))
    def get_user_info(self, note: StreamNote) -> dict[str, Any] | None:
        by = note.created_by
        return None if by is None else {"username": by.username, "slug": by.slug, "tiny_avatar": None}

    @extend_schema_field(AttachmentOutput(allow_null=True))
    def get_attachment(self, note: StreamNote) -> dict[str, Any] | None:
        file = note.attachment
        return None if file is None else attachment(file, self.context["request"])


def attachment(file: StoredFile, request: Request) -> dict[str, Any]:
    return {
        "id": str(file.pk),
        "title": file.title,
        "url": request.build_absolute_uri(file_url(file)),
        "file_type": file.title.rpartition(".")[2].lower() if "." in file.title else "",
    }


class NoteInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "type", "user_info", "attachment"})

    target = serializers.CharField(
        max_length=64, help_text="Full slug of a stream, device, data block or project."
    )
    timestamp = StoredMomentField(required=False, help_text="Without it: now.")
    note = serializers.CharField(max_length=_MOST_CHARACTERS)


class NotesOutput(serializers.Serializer[Any]):
    """The answer to a list."""

    count = serializers.IntegerField()


class UploadUrlInput(StrictInput):
    name = serializers.CharField(max_length=200, help_text="A file name.")
    content_type = serializers.CharField(max_length=100, allow_blank=True, default="")
    acl = serializers.CharField(max_length=40, allow_blank=True, default="", help_text="Ignored.")


class UploadUrlOutput(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="For a multipart POST of the fields and the part `file`.")
    uuid = serializers.UUIDField(help_text="Send it to `uploadsuccess/`.")

    def get_fields(self) -> dict[str, Any]:
        """Adds `fields`, which cannot be declared above: serializers have an attribute of this
        name."""
        return {**super().get_fields(), "fields": serializers.DictField(child=serializers.CharField())}


class UploadSuccessInput(StrictInput):
    name = serializers.CharField(max_length=200)
    uuid = serializers.UUIDField(help_text="From the answer of `uploadurl/`.")
