"""Changing the keys of a device."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from server.apps.devices.models import DeviceKey
from server.apps.devices.services.keys import change_upload_key, parse_root_key, store_report_key
from server.core.errors import Invalid
from webapp.forms.device import ReportKeyForm
from webapp.views.device.key import key_context
from webapp.views.device.page import device_page
from webapp.views.device.visit import DeviceVisit, visit_device
from webapp.views.page import PageRequest, page


@page
@require_POST
@never_cache
def change_key(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_device(request, slug)
    made = change_upload_key(device=visit.device, by=request.user)
    return device_page(visit, "key", key_context(visit, made))


@page
@require_POST
def store_key(request: PageRequest, slug: str) -> HttpResponse:
    """Stores a root key of the device's reports."""
    visit = visit_device(request, slug)
    form = ReportKeyForm(request.POST)
    if form.is_valid() and _store(visit, form):
        messages.success(request, "The report key is stored.")
        return redirect(f"{reverse('device', args=[visit.device.slug])}?tab=key")
    return device_page(visit, "key", key_context(visit, form=form), status=400)


def _store(visit: DeviceVisit, form: ReportKeyForm) -> bool:
    """Returns whether the key was stored; otherwise the form has the error. Raises Forbidden."""
    try:
        store_report_key(
            device=visit.device,
            kind=DeviceKey.Kind(form.cleaned_data["kind"]),
            root_key=parse_root_key(form.cleaned_data["root_key"]),
            by=visit.request.user,
        )
    except Invalid as error:
        form.add_error("root_key", error.message)
    return not form.errors
