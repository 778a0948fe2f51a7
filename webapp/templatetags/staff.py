"""Template tags of the staff pages."""

import json
import re
from typing import Any, Final

from django import template
from django.urls import reverse

MESSAGE_ID: Final = re.compile(r"[!-.0-~]{1,200}")
"""What the address of a page can hold. Ours are UUIDs, but others with credentials can post to a
queue, too."""

register = template.Library()

_SECOND, _MINUTE, _HOUR, _DAY = 1000.0, 60_000.0, 3_600_000.0, 86_400_000.0
_UNITS: Final = ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min"), (_MINUTE, "min", _SECOND, "s"))
_NOTHING: Final = "–"  # noqa: RUF001  the dash of all our tables


@register.filter
def duration(ms: float | None) -> str:
    """Returns milliseconds as text with at most three digits or two units."""
    if ms is None:
        return _NOTHING
    if ms < _SECOND:
        return f"{ms:.3g} ms" if ms < 100 else f"{ms:.0f} ms"
    for unit, name, smaller, smaller_name in _UNITS:
        if ms >= unit:
            rest = ms % unit // smaller
            return f"{ms // unit:.0f} {name}" + (f" {rest:.0f} {smaller_name}" if rest else "")
    return f"{ms / _SECOND:.3g} s"


@register.filter
def seconds(value: float | None) -> str:
    """Returns seconds as text, as `duration` does for milliseconds."""
    return _NOTHING if value is None else duration(max(0.0, value) * _SECOND) if value >= 1 else "under 1 s"


@register.filter
def as_json(value: Any) -> str:
    """Returns a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.simple_tag
def job_page(message_id: object) -> str:
    """Returns the address of a job's page; empty for an id that no address can hold."""
    text = str(message_id)
    return reverse("staff-job", args=[text]) if MESSAGE_ID.fullmatch(text) else ""
