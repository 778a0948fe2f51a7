from typing import Any

from django.db.models import Q, QuerySet

from server.apps.devices.selectors import in_project
from server.core.rest.filters import FilterSet, FlagFilter, TextFilter, parse_flag


class ProjectFilters(FilterSet):
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="Of this organisation.")


class DeviceFilters(FilterSet):
    project = TextFilter(in_project, label="In this project: its UUID or slug.")
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="Of this organisation.")
    external_id = TextFilter(lambda text: Q(external_id=text), label="With this external id.")
    sg = TextFilter(lambda text: Q(sg__slug=text), label="With this sensor graph, by slug.")
    dt = TextFilter(lambda text: Q(template__slug=text), label="Of this device template, by slug.")
    claimed = TextFilter(
        lambda text: Q(project__isnull=not parse_flag(text)), label="In a project (true), or in none (false)."
    )
    all = FlagFilter(label="Inactive ones too.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        if not self.form.cleaned_data["all"]:
            queryset = queryset.filter(active=True)
        return super().filter_queryset(queryset)
