"""Notes about streams, devices, data blocks and projects."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.note import serializers
from server.api.staff import STAFF
from server.api.targets import ListView, requested_target, targets_of
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.streams.models import StreamNote
from server.apps.streams.selectors.notes import note_for, notes_of
from server.apps.streams.selectors.targets import OF_NOTES
from server.apps.streams.services.notes import NewNote, attach, promise_attachment, write_notes
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import body_of, parsed, parsed_each, parsed_query

_ONE_OR_COUNT = PolymorphicProxySerializer(
    component_name="NoteOrCount",
    serializers=[serializers.NoteOutput, serializers.NotesOutput],
    resource_type_field_name=None,
    many=False,
)
_ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="NoteOrNotes",
    serializers=[serializers.NoteInput, serializers.NoteInput(many=True)],
    resource_type_field_name=None,
    many=False,
)


class Notes(ListView[StreamNote]):
    serializer_class = serializers.NoteOutput
    pagination_class = LargePages

    @extend_schema(parameters=[serializers.NoteQuery, STAFF], responses=serializers.NoteOutput(many=True))
    def get(self, request: Request) -> Response:
        """The notes about a stream, device, data block or project, by time."""
        query: dict[str, Any] = parsed_query(serializers.NoteQuery, request)
        target = requested_target(request, query.pop("target"), OF_NOTES)
        target.require(request.user, "can_read_notes")
        return self.page(notes_of(target.slug, **query), serializers.NoteOutput)

    @extend_schema(parameters=[STAFF], request=_ONE_OR_MANY, responses={201: _ONE_OR_COUNT})
    def post(self, request: Request) -> Response:
        """Write a note, or a list of them. The answer to a list is how many."""
        by, rows = actor_of(request), parsed_each(serializers.NoteInput, request)
        targets = targets_of(request, rows, OF_NOTES)
        now = timezone.now()
        notes = write_notes(
            notes=[NewNote(targets[row["target"]], row.get("timestamp", now), row["note"]) for row in rows],
            by=by,
        )
        if isinstance(body_of(request), list):
            return Response({"count": len(notes)}, status=status.HTTP_201_CREATED)
        return Response(_serialize(notes[0], request), status=status.HTTP_201_CREATED)


def _serialize(note: StreamNote, request: Request) -> Any:
    return serializers.NoteOutput(note, context={"request": request}).data


class OneNote(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.NoteOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A note."""
        note, _ = note_for(request.user, pk, staff=is_staff_request(request))
        return Response(_serialize(note, request))


class UploadUrl(APIView):
    @extend_schema(
        parameters=[STAFF],
        request=serializers.UploadUrlInput,
        responses={202: serializers.UploadUrlOutput},
    )
    def post(self, request: Request, pk: str) -> Response:
        """A form to attach a file to a note: POST its fields and the file as a multipart form to
        its URL, without signing in, then call `uploadsuccess/`.
        """
        note, target = note_for(request.user, pk, staff=is_staff_request(request))
        data = parsed(serializers.UploadUrlInput, request)
        promised = promise_attachment(
            note=note,
            target=target,
            name=data["name"],
            content_type=data["content_type"],
            by=actor_of(request),
        )
        form = {
            "url": request.build_absolute_uri(promised.url),
            "fields": promised.fields,
            "uuid": str(promised.file.pk),
        }
        return Response(form, status=status.HTTP_202_ACCEPTED)


class UploadSuccess(APIView):
    @extend_schema(
        parameters=[STAFF],
        request=serializers.UploadSuccessInput,
        responses={202: serializers.NoteOutput},
    )
    def post(self, request: Request, pk: str) -> Response:
        """Attach the uploaded file to the note. Only for the caller that requested the form."""
        note, target = note_for(request.user, pk, staff=is_staff_request(request))
        data = parsed(serializers.UploadSuccessInput, request)
        attach(note=note, target=target, name=data["name"], file_id=data["uuid"], by=actor_of(request))
        return Response(_serialize(note, request), status=status.HTTP_202_ACCEPTED)
