from server.apps.ingest.services.announcing import announce
from server.apps.ingest.services.cleaning import clean_refused_uploads
from server.apps.ingest.services.processing import StoredReport, process_report
from server.apps.ingest.services.receiving import RefusedReport, Upload, receive_report, refuse_upload
from server.apps.ingest.services.resetting import Reset, carry_out_reset, reset_device
from server.apps.ingest.services.unclaiming import carry_out_unclaim, unclaim_device

__all__ = [
    "RefusedReport",
    "Reset",
    "StoredReport",
    "Upload",
    "announce",
    "carry_out_reset",
    "carry_out_unclaim",
    "clean_refused_uploads",
    "process_report",
    "receive_report",
    "refuse_upload",
    "reset_device",
    "unclaim_device",
]
