"""Times, durations and states as people read them."""

from datetime import datetime

from django import template
from django.conf import settings
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from ua_parser import parse

from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import is_silent, is_unchecked
from server.core.listening import listening_since

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_NEVER = "never"


@register.simple_tag
def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Renders how long ago a time is, with the exact time as tooltip. static/js/times.js updates it
    while the page is open."""
    if moment is None:
        return _NEVER
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(),
        date_format(timezone.localtime(moment), "j M Y, H:i:s T"),
        ago_text(moment, now or timezone.now()),
    )


def ago_text(moment: datetime, now: datetime) -> str:
    """Returns the date for a time further back than two weeks, or in the future."""
    seconds = (now - moment).total_seconds()
    if -_MINUTE < seconds < _MINUTE:
        return "just now"
    if seconds < 0 or seconds >= 14 * _DAY:
        return date_format(timezone.localtime(moment), "j M Y")
    if seconds < 90 * _MINUTE:
        return f"{int(seconds // _MINUTE)} min ago"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h ago"
    return f"{int(seconds // _DAY)} days ago"


@register.simple_tag
def moment(value: datetime | None, pattern: str = "j M Y, H:i:s") -> str:
    """Renders the exact time in the reader's time zone."""
    if value is None:
        return _NEVER
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(local, pattern))


@register.filter
def plain(value: object) -> str:
    """Returns a value as text; a list is joined by commas."""
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


@register.filter
def duration_text(seconds: int) -> str:
    """Returns seconds in the largest unit of which they are a whole number: 7200 is `2 h`."""
    for unit, size in (("days", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return "1 day" if (unit, count) == ("days", 1) else f"{count} {unit}"
    return f"{seconds} s"


@register.filter
def browser(user_agent: str) -> str:
    """Returns `Firefox on Windows` for the header of a browser; of another program, its own
    words."""
    found = parse(user_agent)
    names = [each.family for each in (found.user_agent, found.os) if each is not None]
    return " on ".join(names) or user_agent[:60] or "Unknown program"


@register.inclusion_tag("shared/_status.html", takes_context=True)
def status(context: Context, device: Device, now: datetime) -> dict[str, str]:
    if not device.active:
        return {"state": "off", "text": "Inactive"}
    if device.last_report_on is None:
        return {"state": "never", "text": "Never reported"}
    if is_silent(device, now=now):
        if is_unchecked(device, now=now, listening_since=_listening_since(context, now)):
            return {"state": "never", "text": "Not checked"}
        return {"state": "silent", "text": "Silent"}
    return {"state": "reporting", "text": "Reporting"}


def _listening_since(context: Context, now: datetime) -> datetime | None:
    """One query a page, and none when no device is silent."""
    request = context["request"]
    if not hasattr(request, "listening_since"):
        request.listening_since = listening_since(now=now)
    since: datetime | None = request.listening_since
    return since


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("img/icons.svg"), name
    )


@register.simple_tag
def site_name() -> str:
    """For mails, which are rendered without a request."""
    return str(settings.SITE_NAME)
