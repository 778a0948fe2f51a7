import uuid

from django.conf import settings
from django.db import models

from server.apps.accounts.models import Org


class ProjectTemplate(models.Model):
    """What a new project starts with: the variables of its hidden master project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=80, unique=True)
    major_version = models.PositiveSmallIntegerField(default=0)
    minor_version = models.PositiveSmallIntegerField(default=0)
    patch_version = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    extra_data = models.JSONField(default=dict, blank=True)
    org = models.ForeignKey(
        Org,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="project_templates",
        help_text="Null: built in.",
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "major_version", "minor_version", "patch_version"],
                name="one_project_template_a_name_and_version",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Project(models.Model):
    """Devices of one organisation that measure the same things."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gid = models.BigIntegerField(unique=True, help_text="From the database sequence devices_project_gid.")
    slug = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=50)
    about = models.CharField(max_length=400, blank=True)
    org = models.ForeignKey(Org, models.CASCADE, related_name="projects")
    is_template = models.BooleanField(
        default=False, help_text="The hidden master of its project template: new projects copy its variables."
    )
    project_template = models.ForeignKey(
        ProjectTemplate, models.SET_NULL, null=True, blank=True, related_name="projects"
    )
    names_make_variables = models.BooleanField(
        default=True,
        db_default=True,
        help_text="A name that its devices send for the first time makes a variable; else it is refused.",
    )
    created_on = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["org__name", "name", "gid"]

    def __str__(self) -> str:
        return self.name
