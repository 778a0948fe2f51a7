from server.apps.streams.services.claiming import claim_device
from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.services.streams import StreamWriter, stream_writers
from server.apps.streams.services.variables import create_variable, create_variable_template
from server.apps.streams.services.writing import StoredReadings, WriteReport, write_report

__all__ = [
    "StoredReadings",
    "StreamWriter",
    "WriteReport",
    "claim_device",
    "create_variable",
    "create_variable_template",
    "make_partitions",
    "stream_writers",
    "write_report",
]
