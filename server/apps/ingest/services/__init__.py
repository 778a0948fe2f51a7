from server.apps.ingest.services.announcing import announce
from server.apps.ingest.services.checking import check_stream_data
from server.apps.ingest.services.cleaning import clean_refused_uploads
from server.apps.ingest.services.counting import keep_daily_counts
from server.apps.ingest.services.forwarding import forward_if_wanted, forward_report
from server.apps.ingest.services.processing import StoredReport, process_report
from server.apps.ingest.services.receiving import RefusedReport, Upload, receive_report, refuse_upload
from server.apps.ingest.services.requeueing import requeue_waiting_reports

__all__ = [
    "RefusedReport",
    "StoredReport",
    "Upload",
    "announce",
    "check_stream_data",
    "clean_refused_uploads",
    "forward_if_wanted",
    "forward_report",
    "keep_daily_counts",
    "process_report",
    "receive_report",
    "refuse_upload",
    "requeue_waiting_reports",
]
