"""The one visible table: the name in a message, and the Action that carries it out.

A name is for ever: messages with it may wait. Renaming a class breaks nothing in flight.
"""

from collections.abc import Mapping
from typing import Any, Final

from worker.action import Action
from worker.actions.accounts.clean_accounts import CleanAccounts
from worker.actions.accounts.message_members import MessageMembers
from worker.actions.accounts.send_mail import SendMail
from worker.actions.core.clean_idempotent_answers import CleanIdempotentAnswers
from worker.actions.devices.free_stuck_devices import FreeStuckDevices
from worker.actions.ingest.clean_refused_uploads import CleanRefusedUploads
from worker.actions.ingest.process_report import ProcessReport
from worker.actions.ingest.reset_device import ResetDevice
from worker.actions.ingest.unclaim_device import UnclaimDevice
from worker.actions.queue.clean_job_log import CleanJobLog
from worker.actions.queue.sweep_outbox import SweepOutbox
from worker.actions.streams.archive_device import ArchiveDevice
from worker.actions.streams.delete_data_block import DeleteDataBlock
from worker.actions.streams.delete_project import DeleteProject
from worker.actions.streams.make_partitions import MakePartitions
from worker.actions.streams.move_device import MoveDevice
from worker.actions.streams.trim_device import TrimDevice

ACTIONS: Final[Mapping[str, type[Action[Any]]]] = {
    "archive-device": ArchiveDevice,
    "clean-accounts": CleanAccounts,
    "clean-idempotent-answers": CleanIdempotentAnswers,
    "clean-job-log": CleanJobLog,
    "clean-refused-uploads": CleanRefusedUploads,
    "delete-data-block": DeleteDataBlock,
    "delete-project": DeleteProject,
    "free-stuck-devices": FreeStuckDevices,
    "make-partitions": MakePartitions,
    "message-members": MessageMembers,
    "move-device": MoveDevice,
    "process-report": ProcessReport,
    "reset-device": ResetDevice,
    "send-mail": SendMail,
    "sweep-outbox": SweepOutbox,
    "trim-device": TrimDevice,
    "unclaim-device": UnclaimDevice,
}
