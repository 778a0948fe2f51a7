"""The registry: the name in a message and the Action that runs it. Never change a name: messages
with it may wait. Classes can be renamed."""

from collections.abc import Mapping
from typing import Any, Final

from worker.action import Action
from worker.actions.accounts.clean_accounts import CleanAccounts
from worker.actions.accounts.message_members import MessageMembers
from worker.actions.accounts.sync_permissions import SyncPermissions
from worker.actions.core.clean_durable_entries import CleanDurableEntries
from worker.actions.core.clean_idempotent_answers import CleanIdempotentAnswers
from worker.actions.core.send_mail import SendMail
from worker.actions.devices.check_device_health import CheckDeviceHealth
from worker.actions.devices.free_stuck_devices import FreeStuckDevices
from worker.actions.ingest.check_stream_data import CheckStreamData
from worker.actions.ingest.clean_refused_uploads import CleanRefusedUploads
from worker.actions.ingest.clean_report_files import CleanReportFiles
from worker.actions.ingest.forward_report import ForwardReport
from worker.actions.ingest.keep_daily_counts import KeepDailyCounts
from worker.actions.ingest.process_report import ProcessReport
from worker.actions.ingest.requeue_waiting_reports import RequeueWaitingReports
from worker.actions.lifecycle.archive_device import ArchiveDevice
from worker.actions.lifecycle.check_rollups import CheckRollups
from worker.actions.lifecycle.delete_project import DeleteProject
from worker.actions.lifecycle.forget_old_repairs import ForgetOldRepairs
from worker.actions.lifecycle.move_device import MoveDevice
from worker.actions.lifecycle.repair_device import RepairDevice
from worker.actions.lifecycle.reset_device import ResetDevice
from worker.actions.lifecycle.trim_device import TrimDevice
from worker.actions.lifecycle.unclaim_device import UnclaimDevice
from worker.actions.lifecycle.undo_repair import UndoRepair
from worker.actions.queue.check_worker_health import CheckWorkerHealth
from worker.actions.queue.clean_job_log import CleanJobLog
from worker.actions.queue.clean_worker_processes import CleanWorkerProcesses
from worker.actions.queue.collect_worker_statistics import CollectWorkerStatistics
from worker.actions.queue.ping import Ping
from worker.actions.queue.sweep_outbox import SweepOutbox
from worker.actions.streams.delete_data_block import DeleteDataBlock
from worker.actions.streams.make_partitions import MakePartitions
from worker.actions.streams.update_event_extra_data import UpdateEventExtraData

ACTIONS: Final[Mapping[str, type[Action[Any]]]] = {
    "archive-device": ArchiveDevice,
    "check-device-health": CheckDeviceHealth,
    "check-rollups": CheckRollups,
    "check-stream-data": CheckStreamData,
    "clean-accounts": CleanAccounts,
    "clean-durable-entries": CleanDurableEntries,
    "clean-idempotent-answers": CleanIdempotentAnswers,
    "clean-job-log": CleanJobLog,
    "clean-refused-uploads": CleanRefusedUploads,
    "clean-report-files": CleanReportFiles,
    "clean-worker-processes": CleanWorkerProcesses,
    "collect-worker-statistics": CollectWorkerStatistics,
    "delete-data-block": DeleteDataBlock,
    "delete-project": DeleteProject,
    "forward-report": ForwardReport,
    "forget-old-repairs": ForgetOldRepairs,
    "free-stuck-devices": FreeStuckDevices,
    "keep-daily-counts": KeepDailyCounts,
    "make-partitions": MakePartitions,
    "message-members": MessageMembers,
    "move-device": MoveDevice,
    "ping": Ping,
    "process-report": ProcessReport,
    "requeue-waiting-reports": RequeueWaitingReports,
    "repair-device": RepairDevice,
    "reset-device": ResetDevice,
    "send-mail": SendMail,
    "sweep-outbox": SweepOutbox,
    "sync-permissions": SyncPermissions,
    "trim-device": TrimDevice,
    "unclaim-device": UnclaimDevice,
    "worker-health-check": CheckWorkerHealth,
    "undo-repair": UndoRepair,
    "update-event-extra-data": UpdateEventExtraData,
}
