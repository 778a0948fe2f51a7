"""Repairs of a device by hand: plan, run, discard, undo."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from server.apps.devices.models import Device
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.selectors import repair_for
from server.apps.lifecycle.services.repairs.applying import start_repair
from server.apps.lifecycle.services.repairs.planning import discard_repair, plan_repair
from server.apps.lifecycle.services.repairs.undoing import start_undo
from server.core.errors import Conflict, Invalid
from webapp.forms.repairs import FORMS, RepairForm
from webapp.views.device.page import device_page
from webapp.views.device.repairs import repairs_context, reprocessable_reports
from webapp.views.device.visit import DeviceVisit, visit_device
from webapp.views.page import PageRequest, flash, page

_SCHEDULED = "The repair is running. Reports that arrive in the meantime are stored afterwards."


@page
@require_POST
def plan(request: PageRequest, slug: str, kind: str) -> HttpResponse:
    visit = visit_device(request, slug)
    if kind not in FORMS:
        return _back(visit.device)
    form = FORMS[kind](request.POST, reports=reprocessable_reports(request.user, visit.device))
    repair = _try_plan(visit, kind, form) if form.is_valid() else None
    if repair is not None:
        return _back(visit.device, repair)
    return device_page(visit, "repair", repairs_context(visit, form, kind), status=400)


def _try_plan(visit: DeviceVisit, kind: str, form: RepairForm) -> Repair | None:
    """Returns the plan; None when it was refused, with the reason in the form."""
    try:
        return plan_repair(device=visit.device, kind=kind, arguments=form.arguments(), by=visit.request.user)
    except (Invalid, Conflict) as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


@page
@require_POST
def run(request: PageRequest, slug: str, repair_id: uuid.UUID) -> HttpResponse:
    device = visit_device(request, slug).device
    repair = repair_for(request.user, device, repair_id)
    flash(request, lambda: start_repair(repair=repair, by=request.user), _SCHEDULED)
    return _back(device, repair)


@page
@require_POST
def undo(request: PageRequest, slug: str, repair_id: uuid.UUID) -> HttpResponse:
    device = visit_device(request, slug).device
    repair = repair_for(request.user, device, repair_id)
    flash(request, lambda: start_undo(repair=repair, by=request.user), _SCHEDULED)
    return _back(device, repair)


@page
@require_POST
def discard(request: PageRequest, slug: str, repair_id: uuid.UUID) -> HttpResponse:
    device = visit_device(request, slug).device
    repair = repair_for(request.user, device, repair_id)
    flash(request, lambda: discard_repair(repair=repair, by=request.user), "Discarded.")
    return _back(device)


def _back(device: Device, repair: Repair | None = None) -> HttpResponse:
    chosen = f"&repair={repair.pk}" if repair is not None else ""
    return redirect(f"{reverse('device', args=[device.slug])}?tab=repair{chosen}")
