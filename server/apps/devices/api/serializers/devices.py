"""What projects and devices look like on the wire. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.apps.devices.models import Device, Project

Slug = serializers.SlugRelatedField[Any]


class ProjectOutput(serializers.ModelSerializer[Project]):
    gid = serializers.SerializerMethodField(help_text="The slug without its prefix.")
    org = Slug(slug_field="slug", read_only=True)
    project_template = serializers.SerializerMethodField(help_text="There are none yet.")
    created_by = Slug(slug_field="slug", read_only=True)

    class Meta:
        model = Project
        fields = (
            "id",
            "name",
            "slug",
            "gid",
            "org",
            "about",
            "project_template",
            "created_on",
            "created_by",
        )
        read_only_fields = fields

    def get_gid(self, project: Project) -> str:
        return project.slug.removeprefix("p--")

    def get_project_template(self, project: Project) -> str | None:
        return None


class DeviceOutput(serializers.ModelSerializer[Device]):
    sg = Slug(slug_field="slug", read_only=True)
    template = Slug(slug_field="slug", read_only=True)
    org = Slug(slug_field="slug", read_only=True)
    claimed_by = Slug(slug_field="slug", read_only=True)
    gid = serializers.CharField(read_only=True, help_text="The slug without its prefix.")
    busy = serializers.BooleanField(read_only=True)

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
