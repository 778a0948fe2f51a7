from server.apps.devices.services.devices import (
    DEVICE_KEY_PREFIX,
    REPORT_IS_NOTED_EVERY,
    create_device,
    create_device_template,
    create_project,
    create_sensor_graph,
    enter_project,
    expect_reports,
    issue_upload_key,
    note_report,
    set_report_key,
)

__all__ = [
    "DEVICE_KEY_PREFIX",
    "REPORT_IS_NOTED_EVERY",
    "create_device",
    "create_device_template",
    "create_project",
    "create_sensor_graph",
    "enter_project",
    "expect_reports",
    "issue_upload_key",
    "note_report",
    "set_report_key",
]
