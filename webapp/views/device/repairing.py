"""Repairs of a device by hand: plan, carry out, discard, take back."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from server.apps.devices.models import Device
from server.apps.ingest.models import Repair
from server.apps.ingest.services import repairs
from server.core.errors import Conflict, Invalid
from webapp.forms.repairs import FORMS, RepairForm
from webapp.views.device.page import Shown, device_context, shown_device
from webapp.views.device.repairs import repair_of, repairs_context, reports_to_read_again
from webapp.views.page import PageRequest, flash, page

_SCHEDULED = "It is under way. Reports that come meanwhile are stored afterwards."


@page
@require_POST
def plan(request: PageRequest, slug: str, kind: str) -> HttpResponse:
    shown = shown_device(request, slug)
    if kind not in FORMS:
        return _back(shown.device)
    form = FORMS[kind](request.POST, reports=reports_to_read_again(request.user, shown.device))
    repair = _planned(shown, kind, form) if form.is_valid() else None
    if repair is not None:
        return _back(shown.device, repair)
    context = device_context(shown, "repair")
    context |= repairs_context(request.user, shown.device, {}, form, kind)
    return render(request, "device/page.html", context, status=400)


def _planned(shown: Shown, kind: str, form: RepairForm) -> Repair | None:
    """None: the form says why not."""
    try:
        return repairs.plan_repair(
            device=shown.device, kind=kind, arguments=form.arguments(), by=shown.request.user
        )
    except (Invalid, Conflict) as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


@page
@require_POST
def carry_out(request: PageRequest, slug: str, repair_id: uuid.UUID) -> HttpResponse:
    device = shown_device(request, slug).device
    repair = repair_of(request.user, device, repair_id)
    flash(request, lambda: repairs.start_repair(repair=repair, by=request.user), _SCHEDULED)
    return _back(device, repair)


@page
@require_POST
def undo(request: PageRequest, slug: str, repair_id: uuid.UUID) -> HttpResponse:
    device = shown_device(request, slug).device
    repair = repair_of(request.user, device, repair_id)
    flash(request, lambda: repairs.start_undo(repair=repair, by=request.user), _SCHEDULED)
    return _back(device, repair)


@page
@require_POST
def discard(request: PageRequest, slug: str, repair_id: uuid.UUID) -> HttpResponse:
    device = shown_device(request, slug).device
    repair = repair_of(request.user, device, repair_id)
    flash(request, lambda: repairs.discard_repair(repair=repair, by=request.user), "Discarded.")
    return _back(device)


def _back(device: Device, repair: Repair | None = None) -> HttpResponse:
    chosen = f"&repair={repair.pk}" if repair is not None else ""
    return redirect(f"{reverse('device', args=[device.slug])}?tab=repair{chosen}")
