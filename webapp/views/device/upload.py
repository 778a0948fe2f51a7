"""Uploading a report on the page: the same use case as over the API."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.receiving import RefusedReport, Upload, receive_report
from server.core.errors import FieldlineError, NotFound, QuotaExceeded, StorageFull, Unavailable
from server.core.rest.bodies import REPORT_BODY_BYTES, takes_body
from webapp.forms.device import UploadForm
from webapp.views.device.page import device_page
from webapp.views.device.reports import reports_context
from webapp.views.device.visit import Context, DeviceVisit, visit_device
from webapp.views.page import PageRequest, page

_STATUS: Final = {StorageFull: 507, Unavailable: 503, QuotaExceeded: 429}
_FOREIGN: Final = "This is a report of a device that you may not upload for."


@takes_body(REPORT_BODY_BYTES)
@page
@require_POST
def upload(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_device(request, slug)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused_response(visit, form, 400)
    now, file = timezone.now(), form.cleaned_data["file"]
    received = form.cleaned_data["received"] or now
    try:
        report = receive_report(Upload(request.user, file.read(), file.name, received), now=now)
    except FieldlineError as error:
        return _refused_response(visit, form, _STATUS.get(type(error), 400), error)
    return _accepted_response(visit, report)


def _refused_response(
    visit: DeviceVisit, form: UploadForm, status: int, error: FieldlineError | None = None
) -> HttpResponse:
    context: Context = {"form": form}
    if isinstance(error, RefusedReport):
        context["reason"] = error.reason
    if error is not None:
        form.add_error("file", _FOREIGN if isinstance(error, NotFound) else error.message)
    if (
        visit.request.htmx
    ):  # htmx swaps in only successful responses, so the form with its errors has status 200
        return _fragment(visit, context)
    return device_page(visit, "reports", reports_context(visit) | context, status)


def _accepted_response(visit: DeviceVisit, report: StreamerReport) -> HttpResponse:
    foreign = report.streamer.device_id != visit.device.pk
    if visit.request.htmx:
        return _fragment(visit, {"form": UploadForm(), "accepted": report, "foreign": foreign})
    messages.success(visit.request, f"Accepted: {report.count} readings. They are being stored.")
    return redirect(f"{reverse('device', args=[visit.device.slug])}?tab=reports")


def _fragment(visit: DeviceVisit, context: Context) -> HttpResponse:
    return render(visit.request, "device/_upload_form.html", {"device": visit.device, **context})
