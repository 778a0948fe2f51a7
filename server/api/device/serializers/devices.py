"""Serializers of devices. Field names are those of the original cloud."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from rest_framework import serializers

from server.apps.devices.models import Device, DeviceState
from server.core.rest.parsing import StrictInput
from server.lib.slugs import DeviceSlug, SlugError

Slug = serializers.SlugRelatedField[Any]

_SIX_DECIMALS: Final = Decimal("0.000001")
_COLUMNS: Final = (
    *("id", "slug", "label", "active", "external_id", "sg__slug", "template__slug", "org__slug"),
    *("project_id", "lat", "lon", "state", "created_on", "claimed_by__slug", "claimed_on"),
)


class DeviceOutput(serializers.ModelSerializer[Device]):
    sg = Slug(slug_field="slug", read_only=True, allow_null=True, help_text="Its sensor graph.")
    template = Slug(slug_field="slug", read_only=True, allow_null=True, help_text="Its device template.")
    org = Slug(slug_field="slug", read_only=True, allow_null=True)
    claimed_by = Slug(slug_field="slug", read_only=True, allow_null=True)
    gid = serializers.CharField(read_only=True, help_text="The slug without its prefix.")
    busy = serializers.BooleanField(read_only=True, help_text="Being reset, moved or archived.")

    class Meta:
        model = Device
        fields = (
            "id",
            "slug",
            "gid",
            "label",
            "active",
            "external_id",
            "sg",
            "template",
            "org",
            "project",
            "lat",
            "lon",
            "state",
            "busy",
            "created_on",
            "claimed_by",
            "claimed_on",
        )
        read_only_fields = fields


def device_columns(devices: QuerySet[Device]) -> QuerySet[Device, Any]:
    """Returns one tuple per device, for `device_rows`."""
    return devices.select_related(None).values_list(*_COLUMNS)


def device_rows(columns: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Returns what DeviceOutput returns for the same devices, without model instances and in a
    fraction of the time."""
    return [
        {
            "id": number,
            "slug": slug,
            "gid": slug.removeprefix("d--"),
            "label": label,
            "active": active,
            "external_id": external_id,
            "sg": sg,
            "template": template,
            "org": org,
            "project": project,
            "lat": None if lat is None else str(lat),
            "lon": None if lon is None else str(lon),
            "state": state,
            "busy": state.startswith("B"),
            "created_on": created_on,
            "claimed_by": claimed_by,
            "claimed_on": claimed_on,
        }
        for number, slug, label, active, external_id, sg, template, org, *rest in columns
        for project, lat, lon, state, created_on, claimed_by, claimed_on in [rest]
    ]


class DegreesField(serializers.DecimalField):
    """Clients send the decimals that their GPS has, however many: six are kept, which is 0.1 m."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=6, min_value=-most, max_value=most, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            degrees = Decimal(str(data)[:50])
            rounded = degrees.quantize(_SIX_DECIMALS) if degrees.is_finite() else degrees
        except InvalidOperation:
            rounded = data
        return super().to_internal_value(rounded)


class DeviceSlugField(serializers.CharField):
    """Any form of a device's slug; the value is its full form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return str(DeviceSlug.parse(text))
        except SlugError as error:
            raise serializers.ValidationError(str(error)) from error


class DeviceInput(StrictInput):
    """What members may change. `project` moves the device, with its history; `template` is for
    staff with `?staff=1`."""

    ignored: ClassVar[frozenset[str]] = frozenset(
        {"id", "slug", "gid", "org", "busy", "created_on", "claimed_by", "claimed_on"}
    )

    label = serializers.CharField(  # type: ignore[assignment]  # a field named as one of its own attributes
        max_length=100, allow_blank=True, required=False
    )
    external_id = serializers.CharField(max_length=24, allow_blank=True, required=False)
    active = serializers.BooleanField(required=False)
    lat = DegreesField(most=90, allow_null=True, required=False)
    lon = DegreesField(most=180, allow_null=True, required=False)
    state = serializers.ChoiceField(
        DeviceState.choices, required=False, help_text="N0 also makes it inactive, N1 active."
    )
    sg = serializers.CharField(
        max_length=80,
        allow_null=True,
        allow_blank=True,
        required=False,
        help_text="The slug of a sensor graph; its missing variables and streams are created.",
    )
    template = serializers.CharField(max_length=80, allow_null=True, allow_blank=True, required=False)
    project = serializers.CharField(
        max_length=40, allow_null=True, required=False, help_text="The UUID or slug of a project."
    )


class NewDeviceInput(StrictInput):
    """A new device. Without `id` it gets the next number."""

    ignored: ClassVar[frozenset[str]] = frozenset(
        {"slug", "gid", "busy", "created_on", "claimed_by", "claimed_on", "project", "state", "active"}
    )

    id = serializers.IntegerField(
        min_value=0, max_value=2**48 - 1, required=False, help_text="The number in its slug."
    )
    template = serializers.CharField(max_length=80, allow_null=True, allow_blank=True, required=False)
    sg = serializers.CharField(max_length=80, allow_null=True, allow_blank=True, required=False)
    org = serializers.CharField(
        max_length=60,
        allow_null=True,
        allow_blank=True,
        required=False,
        help_text="Sets it aside for an organisation, which may then claim it without a code.",
    )
    label = serializers.CharField(  # type: ignore[assignment]  # a field named as one of its own attributes
        max_length=100, allow_blank=True, required=False
    )
    external_id = serializers.CharField(max_length=24, allow_blank=True, required=False)


class HttpDeviceInput(StrictInput):
    project = serializers.CharField(max_length=40, help_text="The UUID or slug of a project.")
    label = serializers.CharField(  # type: ignore[assignment]  # a field named as one of its own attributes
        max_length=100, allow_blank=True, default=""
    )


class HttpDeviceOutput(serializers.Serializer[Any]):
    device = DeviceOutput()
    key = serializers.CharField(help_text="Its upload key. Shown now, and never again.")
    key_id = serializers.UUIDField(help_text="Public: boards that can set no header post to `in/<key_id>/`.")


class UpgradeInput(StrictInput):
    firmware = serializers.CharField(max_length=200, help_text="The firmware it runs now.")


class UpgradeOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    msg = serializers.CharField()
