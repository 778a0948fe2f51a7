"""The one visible table: the name in a message, and the Action that carries it out.

A name is for ever: messages with it may wait. Renaming a class breaks nothing in flight.
"""

from collections.abc import Mapping
from typing import Any, Final

from worker.action import Action
from worker.actions.accounts.clean_accounts import CleanAccounts
from worker.actions.accounts.send_mail import SendMail
from worker.actions.ingest.clean_refused_uploads import CleanRefusedUploads
from worker.actions.ingest.process_report import ProcessReport
from worker.actions.queue.clean_job_log import CleanJobLog
from worker.actions.queue.sweep_outbox import SweepOutbox
from worker.actions.streams.make_partitions import MakePartitions

ACTIONS: Final[Mapping[str, type[Action[Any]]]] = {
    "clean-accounts": CleanAccounts,
    "clean-job-log": CleanJobLog,
    "clean-refused-uploads": CleanRefusedUploads,
    "make-partitions": MakePartitions,
    "process-report": ProcessReport,
    "send-mail": SendMail,
    "sweep-outbox": SweepOutbox,
}
