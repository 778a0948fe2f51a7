from server.apps.ingest.models.refusal import RefusedUpload
from server.apps.ingest.models.streamer import Streamer, StreamerReport

__all__ = ["RefusedUpload", "Streamer", "StreamerReport"]
