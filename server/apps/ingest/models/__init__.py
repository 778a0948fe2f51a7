from server.apps.ingest.models.forwarding import Forwarding
from server.apps.ingest.models.refusal import RefusedUpload
from server.apps.ingest.models.streamer import Streamer, StreamerReport
from server.apps.ingest.models.upload_day import UploadDay

__all__ = ["Forwarding", "RefusedUpload", "Streamer", "StreamerReport", "UploadDay"]
