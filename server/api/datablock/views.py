"""Data blocks: archived periods of devices."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED, HTTP_202_ACCEPTED
from rest_framework.views import APIView

from server.api import filters
from server.api.datablock import serializers
from server.api.datablock import table as block_table
from server.api.datatables import ORDER, OTHER_PARAMETERS, SEARCH, TableInput, TableOutput
from server.api.references import named_device
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.devices.models import DeviceState
from server.apps.lifecycle.services.archiving import DeviceAfterArchive, archive_device
from server.apps.lifecycle.services.previews import preview_archive
from server.apps.streams.models import DataBlock
from server.apps.streams.selectors.blocks import block_for, blocks_of, stream_counts_of_block
from server.apps.streams.services.blocks import change_block, delete_block
from server.core.rest.dry_runs import DRY_RUN, EffectOutput, effect_response, is_dry_run
from server.core.rest.parsing import parsed, parsed_query
from server.core.rest.views import ReadViewSet


class DataBlocks(ReadViewSet[DataBlock]):
    """Archived periods of your organisations' devices, by device and time."""

    serializer_class = serializers.BlockOutput
    filterset_class = filters.BlockFilters

    def get_queryset(self) -> QuerySet[DataBlock]:
        blocks = blocks_of(self.request.user, staff=is_staff_request(self.request))
        return blocks.order_by("device", "block")

    def get_object(self) -> DataBlock:
        return block_for(self.request.user, self.kwargs["slug"], staff=is_staff_request(self.request))

    @extend_schema(
        parameters=[DRY_RUN],
        request=serializers.NewBlockInput,
        responses={200: EffectOutput, 201: serializers.BlockOutput},
    )
    def create(self, request: Request) -> Response:
        """Archive a device: everything it has measured becomes a data block, and the device starts
        from the beginning. `pid` is of the operation."""
        data = parsed(serializers.NewBlockInput, request)
        after = data.get("on_complete", {}).get("device", {})
        device = named_device(request, data["device"])
        if is_dry_run(request):
            staff = is_staff_request(request)
            return effect_response(asdict(preview_archive(device=device, by=actor_of(request), staff=staff)))
        block = archive_device(
            device=device,
            title=data["title"],
            description=data.get("description", ""),
            after=DeviceAfterArchive(DeviceState(after.get("state", "N1")), after.get("label", "")),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(serializers.BlockOutput(block).data, status=HTTP_201_CREATED)

    @extend_schema(request=serializers.BlockInput, responses=serializers.BlockOutput)
    def update(self, request: Request, slug: str) -> Response:
        """Change title and description. Other fields in the body are ignored."""
        return self._change(request, partial=False)

    @extend_schema(request=serializers.BlockInput, responses=serializers.BlockOutput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change title or description."""
        return self._change(request, partial=True)

    def _change(self, request: Request, *, partial: bool) -> Response:
        block = self.get_object()
        changes = parsed(serializers.BlockInput, request, partial=partial)
        change_block(block=block, changes=changes, by=actor_of(request), staff=is_staff_request(request))
        return Response(serializers.BlockOutput(block).data)

    @extend_schema(responses={202: serializers.DeletionScheduled})
    def destroy(self, request: Request, slug: str) -> Response:
        """Delete an archive with all its data, by an operation."""
        operation = delete_block(
            block=self.get_object(), by=actor_of(request), staff=is_staff_request(request)
        )
        return Response({"delete": "scheduled", "pid": str(operation.pk)}, status=HTTP_202_ACCEPTED)


class BlockExtra(APIView):
    @extend_schema(responses=serializers.BlockExtraOutput)
    def get(self, request: Request, slug: str) -> Response:
        """A data block, with how many readings and events each of its streams has."""
        block = block_for(request.user, slug, staff=is_staff_request(request))
        counts = stream_counts_of_block(block)
        body: dict[str, Any] = dict(serializers.BlockOutput(block).data)
        body["stream_counts"] = {
            slug: serializers.BlockStreamCount(count).data for slug, count in counts.items()
        }
        return Response(body)


class BlockTable(GenericAPIView[DataBlock]):
    filterset_class = filters.BlockFilters
    other_parameters = OTHER_PARAMETERS
    pagination_class = None
    serializer_class = TableOutput

    def get_queryset(self) -> QuerySet[DataBlock]:
        return blocks_of(self.request.user, staff=is_staff_request(self.request))

    @extend_schema(
        operation_id="v1_datablock_datatable",
        parameters=[
            TableInput,
            *filters.parameters_of_filters(filters.BlockFilters),
            SEARCH,
            *ORDER,
        ],
        responses=TableOutput,
    )
    def get(self, request: Request) -> Response:
        """Data blocks for a DataTables table: slug, title, description, device, when it was made,
        by whom. Plain text."""
        query = parsed_query(TableInput, request)
        blocks = self.filter_queryset(self.get_queryset())
        return Response(block_table.table_response(query, request.query_params, blocks))
