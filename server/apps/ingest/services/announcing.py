"""Open pages learn that something new is there; they ask for it themselves, with their own rights and units."""

from server.apps.ingest.services.processing import StoredReport
from server.core import live


def announce(stored: StoredReport) -> None:
    """Never fails: a page that hears nothing asks again after a while."""
    message = {
        "device": stored.device_slug,
        "streams": list(stored.stream_slugs),
        "report": str(stored.report_id),
        "stored": stored.stored,
    }
    for channel in (f"device:{stored.device_slug}", f"project:{stored.project_slug}"):
        live.publish(channel, message)
