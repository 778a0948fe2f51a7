"""Saving the health settings of a device."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from server.apps.devices.services.health import change_health
from server.core.errors import Conflict, Invalid
from webapp.forms.device import HealthForm, health_of_form
from webapp.views.device.health import health_context
from webapp.views.device.page import device_page
from webapp.views.device.visit import DeviceVisit, visit_device
from webapp.views.page import PageRequest, page

_FIELDS: Final = {"health_check_period": "minutes", "notification_recipients": "recipients"}


@page
@require_POST
def watch(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_device(request, slug)
    form = HealthForm(request.POST, initial=health_of_form(visit.device))
    if form.is_valid() and _save(visit, form):
        messages.success(request, "Saved.")
        return redirect(f"{reverse('device', args=[visit.device.slug])}?tab=health")
    visit.device.refresh_from_db()  # it has the values of the refused change
    return device_page(visit, "health", health_context(visit, form), status=400)


def _save(visit: DeviceVisit, form: HealthForm) -> bool:
    """Returns whether the settings were saved; otherwise the form has the errors. Raises
    Forbidden."""
    try:
        change_health(
            device=visit.device,
            by=visit.request.user,
            enabled=form.cleaned_data["enabled"],
            period_s=form.period_s(),
            recipients=form.recipient_list(),
        )
    except (Invalid, Conflict) as error:
        form.add_error(_FIELDS.get(error.field or ""), error.message)
    return not form.errors
