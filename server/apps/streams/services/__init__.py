from server.apps.streams.services.aliases import (
    add_tap,
    change_alias,
    change_tap,
    create_alias,
    delete_alias,
    delete_tap,
)
from server.apps.streams.services.anomalies import Anomaly, find_odd_streams, tell_once
from server.apps.streams.services.blocks import carry_out_block_deletion, change_block, delete_block
from server.apps.streams.services.catalogue import (
    VarTypeParts,
    add_variable_template,
    add_widget_template,
    change_var_type,
    change_variable_template,
    change_widget_template,
    create_var_type,
)
from server.apps.streams.services.configuration import (
    configure,
    remove_configuration,
)
from server.apps.streams.services.editing import (
    add_stream,
    add_variable,
    change_stream,
    change_variable,
    delete_stream,
    delete_variable,
)
from server.apps.streams.services.emptying import forget_reports, forget_streamers, remove_data
from server.apps.streams.services.event_times import event_times_of
from server.apps.streams.services.events import MOST_AT_ONCE as MOST_EVENTS_AT_ONCE
from server.apps.streams.services.events import (
    EventChange,
    NewEvent,
    change_event,
    merge_extra_data,
    store_posted_events,
)
from server.apps.streams.services.masking import change_mask, delete_mask
from server.apps.streams.services.notes import (
    Written,
    attach,
    promise_attachment,
    write_notes,
)
from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.services.payloads import (
    Payload,
    document_of,
    event_of_token,
    event_token,
    json_payload,
    payload_of_file,
    payload_parts,
)
from server.apps.streams.services.posting import MOST_AT_ONCE as MOST_READINGS_AT_ONCE
from server.apps.streams.services.posting import NewReading, store_posted_readings
from server.apps.streams.services.project_cloning import clone_project
from server.apps.streams.services.projects import start_project
from server.apps.streams.services.relabelling import (
    forget_device,
    live_streams,
    note,
    remove_mask,
    remove_notes,
    settle,
)
from server.apps.streams.services.reports.marks import mark_lid
from server.apps.streams.services.reports.rows import WriteReport
from server.apps.streams.services.reports.writing import StoredReadings, write_report
from server.apps.streams.services.sensor_graphs import follow_sensor_graph
from server.apps.streams.services.streams import StreamWriter, known_writers, stream_writers
from server.apps.streams.services.variables import create_variable, create_variable_template

__all__ = [
    "MOST_EVENTS_AT_ONCE",
    "MOST_READINGS_AT_ONCE",
    "Anomaly",
    "EventChange",
    "NewEvent",
    "NewReading",
    "Payload",
    "StoredReadings",
    "StreamWriter",
    "VarTypeParts",
    "WriteReport",
    "Written",
    "add_stream",
    "add_tap",
    "add_variable",
    "add_variable_template",
    "add_widget_template",
    "attach",
    "carry_out_block_deletion",
    "change_alias",
    "change_block",
    "change_event",
    "change_mask",
    "change_stream",
    "change_tap",
    "change_var_type",
    "change_variable",
    "change_variable_template",
    "change_widget_template",
    "clone_project",
    "configure",
    "create_alias",
    "create_var_type",
    "create_variable",
    "create_variable_template",
    "delete_alias",
    "delete_block",
    "delete_mask",
    "delete_stream",
    "delete_tap",
    "delete_variable",
    "document_of",
    "event_of_token",
    "event_times_of",
    "event_token",
    "find_odd_streams",
    "follow_sensor_graph",
    "forget_device",
    "forget_reports",
    "forget_streamers",
    "json_payload",
    "known_writers",
    "live_streams",
    "make_partitions",
    "mark_lid",
    "merge_extra_data",
    "note",
    "payload_of_file",
    "payload_parts",
    "promise_attachment",
    "remove_configuration",
    "remove_data",
    "remove_mask",
    "remove_notes",
    "settle",
    "start_project",
    "store_posted_events",
    "store_posted_readings",
    "stream_writers",
    "tell_once",
    "write_notes",
    "write_report",
]
