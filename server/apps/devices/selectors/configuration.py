"""The configuration of a device, for the worker, which acts for no user."""

from typing import Any

from server.apps.devices.models import ConfigAttribute, Device


def is_configured_anywhere(name: str) -> bool:
    return ConfigAttribute.objects.filter(name__name=name).exists()


def configuration_of_device(slug: str, name: str) -> Any:
    """Returns the document of the device, else of its project, else of its organisation; None
    without any. Its secrets are sealed."""
    device = Device.objects.select_related("project", "org").filter(slug=slug).first()
    if device is None:
        return None
    chain = [device.slug]
    if device.project is not None:
        chain.append(device.project.slug)
    if device.org is not None:
        chain.append(device.org.ref)
    found = ConfigAttribute.objects.filter(name__name=name, target__in=chain).values_list("target", "data")
    documents = dict(found)
    return next((documents[target] for target in chain if target in documents), None)
