"""Objects that a body names. The error is the same for an object that does not exist and for one of
another organisation."""

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework.request import Request

from server.apps.accounts.models import Org
from server.apps.accounts.selectors.accounts import is_staff_request, org_by_slug, org_for
from server.apps.devices.models import Device, DeviceTemplate, Project, SensorGraph
from server.apps.devices.selectors.catalogue import device_template_for, sensor_graph_for
from server.apps.devices.selectors.devices import device_for, project_for
from server.apps.streams.models import StreamAlias, StreamVariable
from server.apps.streams.selectors.aliases import alias_for
from server.apps.streams.selectors.data import variable_for
from server.core.errors import Invalid, NotFound

Named = TypeVar("Named")


def named_org(request: Request, slug: str, *, field: str = "org") -> Org:
    if is_staff_request(request):
        return _named(lambda: org_by_slug(slug), slug, field)
    return _named(lambda: org_for(request.user, slug), slug, field)


def named_project(request: Request, name: str, *, field: str = "project") -> Project:
    return _named(lambda: project_for(request.user, name, staff=is_staff_request(request)), name, field)


def named_device(request: Request, slug: str, *, field: str = "device") -> Device:
    return _named(lambda: device_for(request.user, slug, staff=is_staff_request(request)), slug, field)


def named_variable(request: Request, slug: str, *, field: str = "variable") -> StreamVariable:
    return _named(lambda: variable_for(request.user, slug, staff=is_staff_request(request)), slug, field)


def named_alias(request: Request, slug: str, *, field: str = "alias") -> StreamAlias:
    return _named(lambda: alias_for(request.user, slug, staff=is_staff_request(request)), slug, field)


def with_catalogue_objects(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """Returns a form's data with `sg` and `template` as objects; "" and null are none."""
    if "sg" in data:
        data["sg"] = named_sensor_graph(request, data["sg"]) if data["sg"] else None
    if "template" in data:
        data["template"] = named_device_template(request, data["template"]) if data["template"] else None
    return data


def named_sensor_graph(request: Request, slug: str) -> SensorGraph:
    return _named(lambda: sensor_graph_for(request.user, slug), slug, "sg")


def named_device_template(request: Request, slug: str) -> DeviceTemplate:
    return _named(lambda: device_template_for(request.user, slug), slug, "template")


def _named(find: Callable[[], Named | None], name: str, field: str) -> Named:
    """Raises Invalid."""
    try:
        found = find()
    except NotFound:
        found = None
    if found is None:
        raise Invalid(f"There is no {name}.", field=field)
    return found
