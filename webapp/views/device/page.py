"""The page of a device. Each of its tabs is a link and works without scripts."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.core.errors import Forbidden
from webapp.views.device.tabs import TABS, tab_named
from webapp.views.device.visit import Context, DeviceVisit, visit_device
from webapp.views.page import PageRequest, page


@page
def device(request: PageRequest, slug: str) -> HttpResponse:
    return device_page(visit_device(request, slug), request.GET.get("tab", ""))


def device_page(
    visit: DeviceVisit, tab_name: str, context: Context | None = None, status: int = 200
) -> HttpResponse:
    """Renders the page with a tab, or a fragment of it. A view that shows a form again passes the
    tab's `context`.

    Raises Forbidden for a tab that the reader may not open.
    """
    tab = tab_named(tab_name)
    if not tab.is_open_to(visit):
        raise Forbidden()
    fragment = tab.fragments.get(visit.request.htmx.target or "")
    whole: Context = {
        "device": visit.device,
        "now": timezone.now(),
        "tab": tab,
        "tabs": [each for each in TABS if each.is_open_to(visit)],
        "fragment": fragment is not None,
    } | (tab.context(visit) if context is None else context)
    return render(visit.request, fragment or "device/page.html", whole, status=status)
