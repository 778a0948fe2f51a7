from typing import Any

from django.db.models import Q, QuerySet

from server.apps.devices.selectors import in_project
from server.core.rest.filters import FilterSet, FlagFilter, TextFilter, parse_flag
from server.lib.slugs import DeviceSlug, VariableSlug


def of_device(text: str) -> Q:
    return Q(device_id=DeviceSlug.parse_query(text).number)


class VariableFilters(FilterSet):
    project = TextFilter(in_project, label="Of this project: its UUID or slug.")


class StreamFilters(FilterSet):
    project = TextFilter(in_project, label="Of this project: its UUID or slug.")
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="Of this organisation.")
    device = TextFilter(of_device, label="Of this device, by any form of its slug.")
    device__slug = TextFilter(of_device, label="The same.")
    variable = TextFilter(
        lambda text: Q(variable__slug=str(VariableSlug.parse(text))), label="Of this variable, by slug."
    )
    enabled = TextFilter(lambda text: Q(enabled=parse_flag(text)), label="Enabled ones, or the others.")
    all = FlagFilter(label="Disabled ones too.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        asked = self.form.cleaned_data
        if not asked["all"] and asked["enabled"] is None:
            queryset = queryset.filter(enabled=True)
        return super().filter_queryset(queryset)
