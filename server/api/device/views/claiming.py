"""Claiming devices, and creating them in bulk. Device numbers can be guessed, so a claim needs a
proof (decision 0007)."""

from collections.abc import Iterator
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.device.serializers import claiming as serializers
from server.api.device.serializers.devices import DeviceOutput
from server.api.references import named_device_template, named_org, named_project, named_sensor_graph
from server.api.staff import STAFF, require_staff_asking
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request, require
from server.apps.devices.models import Project
from server.apps.devices.selectors.devices import device_for
from server.apps.devices.selectors.keys import claimable_numbers
from server.apps.devices.services.devices import create_device_with_secrets, semi_claim
from server.apps.devices.services.keys import parse_root_key
from server.apps.devices.services.numbers import next_device_numbers
from server.apps.lifecycle.services.claiming import ClaimRow, claim_each, claim_with_proof
from server.core.errors import FieldlineError, Invalid
from server.core.rest.bodies import TABLE_BODY_BYTES
from server.core.rest.parsing import parsed
from server.core.rest.secret_answers import SecretResponse
from server.core.rest.tables import CsvParser, Row, read_table
from server.core.rest.throttling import throttle
from server.lib.slugs import DeviceSlug, SlugError

_TABLE: Final = {"text/csv": OpenApiTypes.STR, "multipart/form-data": serializers.TableForm}
_CLAIM_COLUMNS: Final = ("slug", "claim_code", "label")
_CREATE_COLUMNS: Final = ("slug", "report_key", "sg", "template", "label", "external_id", "org")
_LONGEST: Final = {"label": 100, "external_id": 24, "claim_code": 64}


class Claimable(APIView):
    throttle_classes = (throttle("claim"),)

    @extend_schema(request=serializers.ClaimableInput, responses={202: serializers.ClaimableOutput})
    def post(self, request: Request) -> Response:
        """Which devices you could claim: those set aside for your organisation, and those whose
        claim code was sent.

        All others are false alike: claimed or unknown devices, wrong codes, and what is no slug.
        """
        data = parsed(serializers.ClaimableInput, request)
        codes: dict[str, str] = data.get("codes", {})
        numbers = {slug: _number_or_none(slug) for slug in data["slugs"]}
        code_by_number = {
            number: codes.get(slug, "") for slug, number in numbers.items() if number is not None
        }
        claimable = claimable_numbers(actor_of(request), codes=code_by_number)
        results = [{"slug": slug, "claimable": numbers[slug] in claimable} for slug in data["slugs"]]
        return Response({"count": len(results), "results": results}, status=status.HTTP_202_ACCEPTED)


def _number_or_none(text: str) -> int | None:
    """Returns None for what is no slug: one misread code must not cost the answer to the others."""
    try:
        return DeviceSlug.parse(text).number
    except SlugError:
        return None


class Claim(APIView):
    throttle_classes = (throttle("claim"),)

    @extend_schema(
        parameters=[STAFF], request=serializers.ClaimInput, responses={202: serializers.ClaimOutput}
    )
    def post(self, request: Request) -> Response:
        """Claim a device for a project: with its claim code, with its upload key, or without either
        when it is set aside for the project's organisation. It gets the variables and streams of
        its sensor graph.

        Any other device is "not claimable", even one that does not exist.
        """
        by = actor_of(request)
        data = parsed(serializers.ClaimInput, request)
        project = named_project(request, data["project"])
        device = claim_with_proof(
            slug=data["device"],
            into=project,
            by=by,
            claim_code=data.get("claim_code") or "",
            key=data.get("key") or "",
            staff=is_staff_request(request),
        )
        claimed = {
            "claimed": True,
            "device": device.slug,
            "project": project.slug,
            "project_id": project.pk,
        }
        return Response(serializers.ClaimOutput(claimed).data, status=status.HTTP_202_ACCEPTED)


class SemiClaim(APIView):
    @extend_schema(parameters=[STAFF], request=serializers.SemiClaimInput, responses=DeviceOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Set a device aside for an organisation, which may then claim it without a code. For staff
        with `?staff=1`."""
        require_staff_asking(request)
        device = device_for(request.user, slug, staff=True)
        org = named_org(request, parsed(serializers.SemiClaimInput, request)["org"])
        semi_claim(device=device, org=org, by=actor_of(request))
        return Response(DeviceOutput(device).data)


class BulkClaim(APIView):
    max_body_bytes = TABLE_BODY_BYTES
    throttle_classes = (throttle("claim"),)
    parser_classes = (CsvParser, MultiPartParser)

    @extend_schema(
        parameters=[STAFF, OpenApiParameter("project", OpenApiTypes.STR, required=True)],
        request=_TABLE,
        responses=serializers.BulkOutput,
    )
    def post(self, request: Request) -> Response:
        """Claim up to 2,000 devices for one project: CSV with the columns `slug`, `claim_code` and
        `label`, of which only the first is required. Each row succeeds or fails by itself; the
        answer has a result for each.
        """
        project = _project_of_query(request)
        by, staff = actor_of(request), is_staff_request(request)
        require(by, "can_claim_devices", project.org, staff=staff)
        rows = _check_lengths(read_table(request, columns=_CLAIM_COLUMNS, needed=("slug",)))
        claims = [ClaimRow(row["slug"], row.get("claim_code", ""), row.get("label", "")) for row in rows]
        outcomes = claim_each(claims, into=project, by=by, staff=staff)
        return Response(_summed_up(list(_claim_results(claims, outcomes))))


def _claim_results(
    claims: list[ClaimRow], outcomes: Iterator[FieldlineError | None]
) -> Iterator[dict[str, Any]]:
    for number, (row, error) in enumerate(zip(claims, outcomes, strict=True), start=1):
        if error is None:
            yield {"row": number, "slug": row.slug, "status": "claimed"}
        else:
            yield {"row": number, "slug": row.slug, "status": "failed", "error": error.message}


class BulkCreate(APIView):
    max_body_bytes = TABLE_BODY_BYTES
    parser_classes = (CsvParser, MultiPartParser)

    @extend_schema(parameters=[STAFF], request=_TABLE, responses=serializers.BulkCreateOutput)
    def post(self, request: Request) -> Response:
        """Create up to 2,000 devices: CSV with the columns `slug`, `report_key`, `sg`, `template`,
        `label`, `external_id` and `org`, all of them optional.

        A device with a `slug` keeps its number, as one that moves here does; the others get the
        next ones. `report_key` is the user's root key of its reports, 64 hex digits. Each gets an
        upload key and a claim code, which are shown only in this answer. For staff with `?staff=1`.
        """
        require_staff_asking(request)
        rows = _check_lengths(read_table(request, columns=_CREATE_COLUMNS, needed=()))
        numbers = _free_numbers(rows)
        rows_made = [_create_row(request, place, row, numbers) for place, row in enumerate(rows, start=1)]
        return SecretResponse(_summed_up(rows_made))


def _free_numbers(rows: list[Row]) -> Iterator[int]:
    """Returns a number for each row without one, none that another row has."""
    if all(row.get("slug") for row in rows):
        return iter(())
    given = {_number_or_none(row.get("slug", "")) for row in rows}
    return iter([number for number in next_device_numbers(len(rows)) if number not in given])


def _create_row(request: Request, place: int, row: Row, numbers: Iterator[int]) -> dict[str, Any]:
    try:
        made = create_device_with_secrets(
            number=_number_of(row["slug"]) if row.get("slug") else next(numbers),
            report_key=parse_root_key(row["report_key"]) if row.get("report_key") else None,
            by=actor_of(request),
            label=row.get("label", ""),
            external_id=row.get("external_id", ""),
            sg=named_sensor_graph(request, row["sg"]) if row.get("sg") else None,
            template=named_device_template(request, row["template"]) if row.get("template") else None,
            org=named_org(request, row["org"]) if row.get("org") else None,
        )
    except FieldlineError as error:
        return {"row": place, "slug": None, "status": "failed", "error": error.message}
    secrets = {"upload_key": made.upload_key, "claim_code": made.claim_code}
    return {"row": place, "slug": made.device.slug, "status": "created", **secrets}


def _number_of(slug: str) -> int:
    try:
        return DeviceSlug.parse(slug).number
    except SlugError as error:
        raise Invalid(str(error), field="slug") from error


def _project_of_query(request: Request) -> Project:
    name = request.query_params.get("project", "")
    if not name:
        raise Invalid("Name the project, as in ?project=p--0000-0007.", field="project")
    return named_project(request, name)


def _check_lengths(rows: list[Row]) -> list[Row]:
    """Raises Invalid for text that does not fit."""
    for number, row in enumerate(rows, start=1):
        for name, most in _LONGEST.items():
            if len(row.get(name, "")) > most:
                raise Invalid(f"Row {number}, column {name}: at most {most} characters.", field="file")
    return rows


def _summed_up(results: list[dict[str, Any]]) -> dict[str, Any]:
    ok = sum(result["status"] != "failed" for result in results)
    return {"count": len(results), "ok": ok, "results": results}
