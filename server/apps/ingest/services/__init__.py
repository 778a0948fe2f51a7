from server.apps.ingest.services.announcing import announce
from server.apps.ingest.services.cleaning import clean_refused_uploads
from server.apps.ingest.services.processing import StoredReport, process_report
from server.apps.ingest.services.receiving import RefusedReport, Upload, receive_report, refuse_upload

__all__ = [
    "RefusedReport",
    "StoredReport",
    "Upload",
    "announce",
    "clean_refused_uploads",
    "process_report",
    "receive_report",
    "refuse_upload",
]
