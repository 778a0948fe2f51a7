"""Changing the key of a device."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from server.apps.devices.services.keys import change_upload_key
from webapp.views.device.key import key_context
from webapp.views.device.page import device_page
from webapp.views.device.visit import visit_device
from webapp.views.page import PageRequest, page


@page
@require_POST
@never_cache
def change_key(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_device(request, slug)
    made = change_upload_key(device=visit.device, by=request.user)
    return device_page(visit, "key", key_context(visit, made))
