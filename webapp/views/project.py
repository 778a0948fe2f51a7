"""A project: its devices with their latest values, and its variables."""

from collections import defaultdict
from typing import Final

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import devices_in, project_for
from server.apps.streams.selectors import data
from server.apps.streams.selectors.data import streams_of_devices, variables_of_project
from webapp.quantities import LatestValue, latest_values
from webapp.views.page import PageRequest, page, when_reachable

_DEVICES_A_PAGE: Final = 50
_VALUES_A_DEVICE: Final = 3


@page
def project(request: PageRequest, slug: str) -> HttpResponse:
    shown = project_for(request.user, slug)
    context = {"project": shown, "tab": "devices", "now": timezone.now()}
    if request.GET.get("tab") == "variables":
        context |= {"tab": "variables", "variables": variables_of_project(request.user, shown)}
        return render(request, "project/page.html", context)
    context |= _device_table(request, shown)
    fragment = request.htmx.target == "device-table"
    return render(request, "project/_device_table.html" if fragment else "project/page.html", context)


def _device_table(request: PageRequest, shown: Project) -> dict[str, object]:
    words = request.GET.get("q", "").strip()[:100]
    found = devices_in(request.user, shown, words=words)
    chosen = Paginator(found, _DEVICES_A_PAGE).get_page(request.GET.get("page"))
    values = when_reachable(lambda: _newest_values(request.user, chosen))
    rows = [(device, (values or {}).get(device.pk, [])) for device in chosen]
    return {"words": words, "rows": rows, "chosen": chosen, "reachable": values is not None}


def _newest_values(user: Account, chosen: Page[Device]) -> dict[int, list[LatestValue]]:
    """Returns for each device the values of the streams with the newest readings."""
    of_devices = streams_of_devices(user, list(chosen))
    latest = data.latest_values(of_devices)
    by_device = defaultdict(list)
    for stream in of_devices:
        if stream.key in latest:
            by_device[stream.device_id].append(stream)
    return {
        device_id: latest_values(reporting[:_VALUES_A_DEVICE], latest)
        for device_id, reporting in by_device.items()
        if device_id is not None
    }
