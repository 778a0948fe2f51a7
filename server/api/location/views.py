"""Where devices were."""

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.location import serializers
from server.api.staff import STAFF
from server.api.targets import ListView, requested_target, targets_of
from server.apps.accounts.selectors.accounts import actor_of
from server.apps.devices.models import DeviceLocation
from server.apps.devices.selectors.metadata import location_by_id, locations_of
from server.apps.devices.services.locations import NewLocation, add_locations
from server.apps.streams.selectors.blocks import within_mask
from server.apps.streams.selectors.targets import OF_LOCATIONS
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import body_of, parsed_each, parsed_query

_READ = "can_read_device_locations"

_ONE_OR_COUNT = PolymorphicProxySerializer(
    component_name="LocationOrCount",
    serializers=[serializers.LocationOutput, serializers.LocationsOutput],
    resource_type_field_name=None,
    many=False,
)
_ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="LocationOrLocations",
    serializers=[serializers.LocationInput, serializers.LocationInput(many=True)],
    resource_type_field_name=None,
    many=False,
)


class Locations(ListView[DeviceLocation]):
    serializer_class = serializers.LocationOutput
    pagination_class = LargePages

    @extend_schema(
        parameters=[serializers.LocationQuery, STAFF], responses=serializers.LocationOutput(many=True)
    )
    def get(self, request: Request) -> Response:
        """Where a device, or the device of a data block, was; by time."""
        query = parsed_query(serializers.LocationQuery, request)
        target = requested_target(request, query["target"], OF_LOCATIONS)
        target.require(request.user, _READ)
        start, end = query["start"], query["end"]
        if query["mask"]:
            start, end = within_mask(target.slug, start, end)
        locations = locations_of(target.slug, start=start, end=end)
        return self.page(locations, serializers.LocationOutput)

    @extend_schema(parameters=[STAFF], request=_ONE_OR_MANY, responses={201: _ONE_OR_COUNT})
    def post(self, request: Request) -> Response:
        """Record where a device was, one location or a list. The newest one is the device's current
        location. The answer to a list is how many, and the newest of them.
        """
        by, rows = actor_of(request), parsed_each(serializers.LocationInput, request)
        targets = targets_of(request, rows, OF_LOCATIONS)
        now = timezone.now()
        locations = [
            NewLocation(targets[row["target"]], row.get("timestamp", now), row["lat"], row["lon"])
            for row in rows
        ]
        made = add_locations(locations=locations, by=by)
        if not isinstance(body_of(request), list):
            return Response(serializers.LocationOutput(made[0]).data, status=status.HTTP_201_CREATED)
        last = max(made, key=lambda location: location.timestamp, default=None)
        newest = None if last is None else serializers.LocationOutput(last).data
        return Response({"count": len(made), "last": newest}, status=status.HTTP_201_CREATED)


class OneLocation(APIView):
    @extend_schema(parameters=[STAFF], responses=serializers.LocationOutput)
    def get(self, request: Request, pk: str) -> Response:
        """A location."""
        location = location_by_id(pk)
        target = requested_target(request, location.target, OF_LOCATIONS)
        target.require(request.user, _READ)
        return Response(serializers.LocationOutput(location).data)
