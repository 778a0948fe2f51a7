"""Files on the object store, uploaded and downloaded by signed URLs, without signing in."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.file import serializers
from server.apps.files import services
from server.core.rest.bodies import FORM_BYTES
from server.core.rest.parsing import parsed, parsed_query


class _Signed(APIView):
    """Authorized by the signed URL or form; credentials in the request are ignored."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class FileUpload(_Signed):
    parser_classes = (MultiPartParser,)
    max_body_bytes = services.MAX_FILE_BYTES + FORM_BYTES

    @extend_schema(request={"multipart/form-data": serializers.FileForm}, responses={204: None})
    def post(self, request: Request) -> Response:
        """Upload one file: the fields that `…/uploadurl/` returned, and the part `file`."""
        form = parsed(serializers.FileForm, request)
        services.receive_upload(key=form["key"], policy=form["policy"], data=form["file"].read())
        return Response(status=status.HTTP_204_NO_CONTENT)


class File(_Signed):
    @extend_schema(
        parameters=[serializers.FileQuery],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, file_id: UUID) -> HttpResponse:
        """A file, by the signed URL that its object has; valid for an hour."""
        query = parsed_query(serializers.FileQuery, request)
        file, data = services.open_file(file_id=file_id, token=query["token"])
        # As a download and never inline: an uploaded HTML page would run on our origin.
        answer = HttpResponse(data, content_type="application/octet-stream")
        name = services.download_name(file)
        answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return answer


class SignPolicy(APIView):
    @extend_schema(request=serializers.SignInput, responses={400: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Always refused: a policy of the caller could name any file. Ask the object for a form
        instead: `note/<id>/uploadurl/`."""
        parsed(serializers.SignInput, request)
        raise ValidationError(
            {"non_field_errors": ["Policies are not signed on demand. Use the uploadurl of the object."]}
        )
