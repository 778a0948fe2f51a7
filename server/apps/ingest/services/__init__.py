from server.apps.ingest.services.announcing import announce
from server.apps.ingest.services.checking import check_stream_data
from server.apps.ingest.services.cleaning import clean_refused_uploads
from server.apps.ingest.services.counting import keep_daily_counts
from server.apps.ingest.services.forwarding import forward_if_wanted, forward_report
from server.apps.ingest.services.processing import StoredReport, process_report
from server.apps.ingest.services.receiving import RefusedReport, Upload, receive_report, refuse_upload
from server.apps.ingest.services.requeueing import requeue_waiting_reports
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
    "check_stream_data",
    "clean_refused_uploads",
    "forward_if_wanted",
    "forward_report",
    "keep_daily_counts",
    "process_report",
    "receive_report",
    "refuse_upload",
    "requeue_waiting_reports",
    "reset_device",
    "unclaim_device",
]
