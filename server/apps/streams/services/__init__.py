from server.apps.streams.services.aliases import (
    add_tap,
    change_alias,
    change_tap,
    create_alias,
    delete_alias,
    delete_tap,
)
from server.apps.streams.services.anomalies import Anomaly, find_odd_streams, tell_once
from server.apps.streams.services.archiving import Afterwards, archive_device, carry_out_archive
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
from server.apps.streams.services.claiming import (
    ClaimRow,
    NotClaimable,
    claim_device,
    claim_each,
    claim_with_proof,
    follow_sensor_graph,
)
from server.apps.streams.services.configuration import (
    configure,
    remove_configuration,
)
from server.apps.streams.services.devices import change_device, note_upgrade
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
from server.apps.streams.services.moving import carry_out_move, move_device
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
from server.apps.streams.services.project_deleting import carry_out_project_deletion, delete_project
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
from server.apps.streams.services.streams import StreamWriter, known_writers, stream_writers
from server.apps.streams.services.trimming import carry_out_trim, trim_device
from server.apps.streams.services.variables import create_variable, create_variable_template

__all__ = [
    "MOST_EVENTS_AT_ONCE",
    "MOST_READINGS_AT_ONCE",
    "Afterwards",
    "Anomaly",
    "ClaimRow",
    "EventChange",
    "NewEvent",
    "NewReading",
    "NotClaimable",
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
    "archive_device",
    "attach",
    "carry_out_archive",
    "carry_out_block_deletion",
    "carry_out_move",
    "carry_out_project_deletion",
    "carry_out_trim",
    "change_alias",
    "change_block",
    "change_device",
    "change_event",
    "change_mask",
    "change_stream",
    "change_tap",
    "change_var_type",
    "change_variable",
    "change_variable_template",
    "change_widget_template",
    "claim_device",
    "claim_each",
    "claim_with_proof",
    "clone_project",
    "configure",
    "create_alias",
    "create_var_type",
    "create_variable",
    "create_variable_template",
    "delete_alias",
    "delete_block",
    "delete_mask",
    "delete_project",
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
    "move_device",
    "note",
    "note_upgrade",
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
    "trim_device",
    "write_notes",
    "write_report",
]
