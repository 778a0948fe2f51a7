import uuid
from typing import Any, Final

from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.devices.selectors.devices import has_property, in_project
from server.core.rest.filters import FilterSet, FlagFilter, TextFilter, parse_flag
from server.lib.slugs import AliasSlug, BlockSlug, DeviceSlug, ProjectSlug, VariableSlug


class PropertyFilter(TextFilter):
    """Matches only properties that the caller may read."""

    def __init__(self) -> None:
        super().__init__(lambda text: Q(), label="With this property: `name`, or `name__value`.")

    def filter(self, queryset: QuerySet[Any], value: Q | None) -> QuerySet[Any]:
        text = self.parent.data.get(self.field_name, "").strip()
        if value is None or not text:
            return queryset
        request = self.parent.request
        return queryset.filter(has_property(request.user, text, staff=is_staff_request(request)))


def in_org(text: str) -> Q:
    try:
        return Q(org_id=uuid.UUID(text))
    except ValueError:
        return Q(org__slug=text)


def of_creator(text: str) -> Q:
    number = text.isascii() and text.isdigit() and len(text) < 10
    return Q(created_by_id=int(text)) if number else Q(created_by__slug=text.removeprefix("@"))


def parameters_of_filters(filters: type[FilterSet]) -> list[OpenApiParameter]:
    """For the documentation of a view that filters but whose answer is no plain list."""
    return [
        OpenApiParameter(name, OpenApiTypes.STR, description=each.label)
        for name, each in filters.base_filters.items()
    ]


def _created_by() -> TextFilter:
    return TextFilter(of_creator, label="Created by this account, by slug or number.")


def _of_org_slug() -> TextFilter:
    return TextFilter(lambda text: Q(org__slug=text), label="Of this organisation, by slug.")


VERSIONS: Final = ("major_version", "minor_version", "patch_version")
"""The order of the versions of one name, in which 1.10 is after 1.9."""


class OrgFilters(FilterSet):
    search = TextFilter(lambda text: Q(name__icontains=text), label="Part of the name, in any case.")
    created_by = _created_by()


class CreatorFilters(FilterSet):
    """Of what everybody may see: components, organisation templates."""

    created_by = _created_by()


class CatalogueFilters(CreatorFilters):
    """Of device templates and project templates."""

    org__slug = _of_org_slug()


class ProjectFilters(FilterSet):
    org = TextFilter(in_org, label="Of this organisation, by slug or UUID.")
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="Of this organisation.")
    slug = TextFilter(lambda text: Q(slug=str(ProjectSlug.parse(text))), label="This one.")
    created_by = _created_by()
    name = TextFilter(lambda text: Q(name=text), label="With this name.")
    property = PropertyFilter()


def claimed_or_not(text: str) -> Q:
    return Q(project__isnull=not parse_flag(text))


class ProductionFilters(FilterSet):
    sg = TextFilter(lambda text: Q(sg__slug=text), label="With this sensor graph, by slug.")
    dt = TextFilter(lambda text: Q(template__slug=text), label="Of this device template, by slug.")
    claimed = TextFilter(claimed_or_not, label="In a project (true), or in none (false).")
    org__slug = _of_org_slug()


class DeviceFilters(FilterSet):
    project = TextFilter(in_project, label="In this project: its UUID or slug.")
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="Of this organisation.")
    external_id = TextFilter(lambda text: Q(external_id=text), label="With this external id.")
    sg = TextFilter(lambda text: Q(sg__slug=text), label="With this sensor graph, by slug.")
    dt = TextFilter(lambda text: Q(template__slug=text), label="Of this device template, by slug.")
    claimed = TextFilter(claimed_or_not, label="In a project (true), or in none (false).")
    property = PropertyFilter()
    all = FlagFilter(label="Inactive ones too; for staff with `staff=1` always.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        if not self.form.cleaned_data["all"] and not is_staff_request(self.request):
            queryset = queryset.filter(active=True)
        return super().filter_queryset(queryset)


def of_device(text: str) -> Q:
    return Q(device_id=DeviceSlug.parse_query(text).number)


def names_block(text: str) -> bool:
    return text.strip().lower().startswith(BlockSlug.PREFIX)


def of_device_or_block(text: str) -> Q:
    """An archive is taken for a device too: existing clients request its streams by
    `?device=b--…`."""
    return Q(block__slug=str(BlockSlug.parse(text))) if names_block(text) else of_device(text)


def variable_words(text: str) -> Q:
    """Matches when each word is in the name, the description or the slug."""
    found = Q()
    for word in text.split()[:10]:
        found &= Q(name__icontains=word) | Q(about__icontains=word) | Q(slug__icontains=word)
    return found


class VariableFilters(FilterSet):
    project = TextFilter(in_project, label="Of this project, by UUID or slug; see include_templates.")
    org = TextFilter(in_org, label="Of this organisation, by slug or UUID.")
    search = TextFilter(variable_words, label="With these words in the name, the description or the slug.")
    include_templates = FlagFilter(
        label="Those of project templates too, which new projects copy; with a project, those of everybody."
    )
    system = FlagFilter(label="System variables that only reports made, too.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        project = self.form.cleaned_data["project"]
        if project is not None and self.form.cleaned_data["include_templates"]:
            self.form.cleaned_data["project"] = project | Q(project=None)
        if not self.form.cleaned_data["include_templates"]:
            queryset = queryset.filter(Q(project=None) | Q(project__is_template=False))
        if not self.form.cleaned_data["system"]:
            queryset = queryset.filter(declared=True)
        return super().filter_queryset(queryset)


class StreamFilters(FilterSet):
    project = TextFilter(in_project, label="Of this project: its UUID or slug.")
    org = TextFilter(in_org, label="Of this organisation, by slug or UUID.")
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="Of this organisation.")
    device = TextFilter(
        of_device_or_block, label="Of this device, by any form of its slug; or of this archive, by its slug."
    )
    device__slug = TextFilter(of_device_or_block, label="The same.")
    variable = TextFilter(
        lambda text: Q(variable__slug=str(VariableSlug.parse(text))), label="Of this variable, by slug."
    )
    block = TextFilter(
        lambda text: Q(block__slug=str(BlockSlug.parse(text))), label="Of this archive, by slug."
    )
    enabled = TextFilter(lambda text: Q(enabled=parse_flag(text)), label="Enabled ones, or the others.")
    all = FlagFilter(label="Disabled ones too, and those of inactive devices.")
    archived = FlagFilter(label="Those of archives, instead of the live ones.")
    virtual = FlagFilter(label="Only those without a device.")
    system = FlagFilter(label="System streams that only reports made, too.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        flags = self.form.cleaned_data
        if not flags["all"] and flags["enabled"] is None:
            queryset = queryset.filter(enabled=True)
        if flags["block"] is None and not self._names_block():
            queryset = queryset.filter(block__isnull=not flags["archived"])
        if not flags["system"]:
            queryset = queryset.filter(declared=True)
        if flags["virtual"]:
            queryset = queryset.filter(device=None)
        if not self._names_a_device() and not flags["all"]:
            queryset = queryset.exclude(device__active=False)
        return super().filter_queryset(queryset)

    def _names_block(self) -> bool:
        return any(names_block(self.data.get(name, "")) for name in ("device", "device__slug"))

    def _names_a_device(self) -> bool:
        """Whether the device is named, by itself or by an archive, which its state does not
        concern."""
        given = self.form.cleaned_data
        named = (given[name] is not None for name in ("device", "device__slug", "block"))
        return any(named) or bool(given["archived"])


def block_words(text: str) -> Q:
    """Matches when each word is in the title, the description or the slug."""
    found = Q()
    for word in text.split()[:10]:
        found &= Q(title__icontains=word) | Q(description__icontains=word) | Q(slug__icontains=word)
    return found


class BlockFilters(FilterSet):
    org = TextFilter(lambda text: Q(org__slug=text.removeprefix("^")), label="Of this organisation, by slug.")
    org__slug = TextFilter(lambda text: Q(org__slug=text), label="The same.")
    device = TextFilter(of_device, label="Of this device, by any form of its slug.")
    q = TextFilter(block_words, label="With these words in the title, description or slug.")


class PropertyTemplateFilters(FilterSet):
    org = TextFilter(in_org, label="Of this organisation, by slug or UUID.")
    name = TextFilter(lambda text: Q(name=text), label="With this name.")


class AliasFilters(FilterSet):
    org = TextFilter(in_org, label="Of this organisation, by slug or UUID.")


class TapFilters(FilterSet):
    target = TextFilter(
        lambda text: Q(alias__slug=str(AliasSlug.parse(text))), label="Of this alias, by slug."
    )
    alias = TextFilter(lambda text: Q(alias__slug=str(AliasSlug.parse(text))), label="The same.")
