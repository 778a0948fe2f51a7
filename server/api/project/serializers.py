"""Serializers of projects. Field names are those of the original cloud."""

from typing import Any, ClassVar

from rest_framework import serializers

from server.api.device.serializers.devices import DeviceSlugField
from server.apps.devices.models import Project
from server.core.rest.parsing import StrictInput

Slug = serializers.SlugRelatedField[Any]


class ProjectOutput(serializers.ModelSerializer[Project]):
    gid = serializers.SerializerMethodField(help_text="The slug without its prefix.")
    org = Slug(slug_field="slug", read_only=True)
    project_template = Slug(slug_field="slug", read_only=True)
    created_by = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = Project
        fields: tuple[str, ...] = (
            "id",
            "name",
            "slug",
            "gid",
            "org",
            "about",
            "project_template",
            "names_make_variables",
            "created_on",
            "created_by",
        )
        read_only_fields = fields

    def get_gid(self, project: Project) -> str:
        return project.slug.removeprefix("p--")


class ProjectCounts(serializers.Serializer[Any]):
    active_devices = serializers.IntegerField()
    inactive_devices = serializers.IntegerField()
    variables = serializers.IntegerField()
    streams = serializers.IntegerField(help_text="Enabled ones.")


class ProjectExtraOutput(ProjectOutput):
    counts = ProjectCounts()

    class Meta(ProjectOutput.Meta):
        fields = (*ProjectOutput.Meta.fields, "counts")
        read_only_fields = fields


class NewProjectInput(StrictInput):
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "slug", "gid", "created_on", "created_by", "counts"})

    name = serializers.CharField(max_length=50)
    org = serializers.CharField(max_length=60, help_text="The slug of the organisation.")
    about = serializers.CharField(max_length=400, allow_blank=True, required=False)
    project_template = serializers.CharField(
        max_length=80,
        allow_null=True,
        allow_blank=True,
        required=False,
        help_text="The slug of a project template, whose variables the project starts with.",
    )
    names_make_variables = serializers.BooleanField(
        required=False,
        help_text="A name that a device sends to `in/` for the first time makes a variable (default); else it is refused.",
    )


class ProjectInput(NewProjectInput):
    """`org` may be sent, but cannot be changed."""

    org = serializers.CharField(max_length=60, required=False)


class StartInput(StrictInput):
    name = serializers.CharField(max_length=50)
    org = serializers.CharField(max_length=60, help_text="The slug of the organisation.")
    about = serializers.CharField(max_length=400, allow_blank=True, required=False)
    device = DeviceSlugField(
        required=False,
        allow_null=True,
        help_text="The project starts with the variables of this device's sensor graph's project template.",
    )


class DeletionOutput(serializers.Serializer[Any]):
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")


class StartOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
