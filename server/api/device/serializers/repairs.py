"""Serializers of repairs."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rest_framework import serializers

from server.apps.lifecycle.models import Repair
from server.core.rest.numbers import FiniteField
from server.core.rest.parsing import StrictInput

_HIGHEST_ID: Final = 2**63 - 1
_LONGEST_OFFSET_S: Final = 31 * 86_400


def _reading_id(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=_HIGHEST_ID, help_text=help_text)


class ReprocessReportArguments(StrictInput):
    report = serializers.UUIDField(help_text="The report to process again.")


class ReprocessRebootArguments(StrictInput):
    reboot_id = _reading_id("The reading of stream 5c00 that reports the reboot.")
    ref_id = _reading_id(
        "A reading whose time is correct: of the boot before the reboot, or of the one after it."
    )
    offset = FiniteField(
        default=1.0,
        min_value=0,
        max_value=_LONGEST_OFFSET_S,
        help_text="For a reference after the reboot: seconds between the last reading and the boot.",
    )


class AdjustForwardArguments(StrictInput):
    base_ts = serializers.DateTimeField(help_text="When the first of these readings was.")
    first_id = _reading_id("The first reading.")
    last_id = _reading_id("The last one, included.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["first_id"] > attrs["last_id"]:
            raise serializers.ValidationError({"last_id": ["It is before the first one."]})
        return attrs


class AdjustBackwardArguments(AdjustForwardArguments):
    base_ts = serializers.DateTimeField(
        required=False,
        help_text="When the last of these readings was. Without it, its stored time counts as correct.",
    )


class NoArguments(StrictInput):
    pass


class RebuildRollupsArguments(StrictInput):
    month = serializers.RegexField(r"\A(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])\Z", help_text="As 2026-11, in UTC.")


ARGUMENTS: Final[Mapping[str, type[StrictInput]]] = {
    Repair.Kind.REPROCESS_REPORT: ReprocessReportArguments,
    Repair.Kind.REPROCESS_REBOOT: ReprocessRebootArguments,
    Repair.Kind.ADJUST_FORWARD: AdjustForwardArguments,
    Repair.Kind.ADJUST_BACKWARD: AdjustBackwardArguments,
    Repair.Kind.REMOVE_DUPLICATES: NoArguments,
    Repair.Kind.SYNC_EVENT_TIMES: NoArguments,
    Repair.Kind.REBUILD_ROLLUPS: RebuildRollupsArguments,
}


class RepairInput(StrictInput):
    kind = serializers.ChoiceField(choices=Repair.Kind.choices)
    arguments = serializers.DictField(
        required=False,
        help_text="Depend on the kind: see the documentation of repairs. Unknown ones are refused.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the arguments by kind and return them as JSON."""
        form = ARGUMENTS[attrs["kind"]](data=attrs.get("arguments", {}))
        if not form.is_valid():
            raise serializers.ValidationError({"arguments": form.errors})
        return {**attrs, "arguments": as_json(form.validated_data)}


def as_json(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in arguments.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


class RepairOutput(serializers.ModelSerializer[Repair]):
    device = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    arguments = serializers.DictField(read_only=True)
    plan = serializers.DictField(
        read_only=True,
        help_text="What it would change: `readings` and `events` changed, added and removed, `hours` and `latest` recomputed; "
        "the first and last time `before` and `after`, `largest_shift_s`, up to 20 `examples`, `warnings`.",
    )
    result = serializers.DictField(read_only=True, help_text="What it changed; empty until it is applied.")
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Repair
        fields = (
            *("id", "device", "kind", "arguments", "state", "plan", "result", "failure"),
            *("created_on", "created_by", "done_on", "undone_on"),
        )
        read_only_fields = fields


class RepairScheduled(serializers.Serializer[Any]):
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")
