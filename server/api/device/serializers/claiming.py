"""Serializers of claiming. Field names are those of the original cloud; codes and keys are new."""

from typing import Any, Final

from rest_framework import serializers

from server.api.device.serializers.devices import DeviceSlugField
from server.core.rest.parsing import StrictInput
from server.lib.slugs import DeviceSlug, SlugError

MOST_ASKED: Final = 1000
_CODE_CHARACTERS: Final = 64


class ClaimCodeField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=_CODE_CHARACTERS, **kwargs)


class ScannedSlugField(serializers.CharField):
    """A device's slug, whose value is its full form, or whatever else was scanned, as it is."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return str(DeviceSlug.parse(text))
        except SlugError:
            return text


class ClaimableInput(StrictInput):
    slugs = serializers.ListField(child=ScannedSlugField(max_length=200), max_length=MOST_ASKED)
    codes = serializers.DictField(
        child=ClaimCodeField(), required=False, help_text="Claim codes at hand, by the slug of their device."
    )

    def validate_codes(self, codes: dict[str, str]) -> dict[str, str]:
        slug = DeviceSlugField()
        return {slug.run_validation(name): code for name, code in codes.items()}


class ClaimableRow(serializers.Serializer[Any]):
    slug = serializers.CharField()
    claimable = serializers.BooleanField(
        help_text="Set aside for an organisation in which you may claim devices, or the right code was sent."
    )


class ClaimableOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = ClaimableRow(many=True)


class ClaimInput(StrictInput):
    device = DeviceSlugField(help_text="Any form of the device's slug.")
    project = serializers.CharField(max_length=40, help_text="The UUID or slug of the project.")
    claim_code = ClaimCodeField(
        required=False, allow_blank=True, allow_null=True, help_text="The code that came with the device."
    )
    key = serializers.CharField(
        max_length=200, required=False, allow_blank=True, allow_null=True, help_text="Or its upload key."
    )


class ClaimOutput(serializers.Serializer[Any]):
    claimed = serializers.BooleanField()
    device = serializers.CharField(help_text="Its slug.")
    project = serializers.CharField(help_text="Its slug.")
    project_id = serializers.UUIDField()


class SemiClaimInput(StrictInput):
    org = serializers.SlugField(max_length=60)


class BulkRow(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="From 1, the line with the names of the columns not counted.")
    slug = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(["claimed", "created", "failed"])
    error = serializers.CharField(required=False)


class BulkOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    ok = serializers.IntegerField(help_text="How many rows were applied; the others changed nothing.")
    results = BulkRow(many=True)


class CreatedRow(BulkRow):
    upload_key = serializers.CharField(required=False, help_text="Shown here only.")
    claim_code = serializers.CharField(required=False, help_text="Shown here only.")


class BulkCreateOutput(BulkOutput):
    results = CreatedRow(many=True)


class TableForm(serializers.Serializer[Any]):
    """For the documentation: a CSV file with the names of its columns in the first line."""

    file = serializers.FileField()
