from typing import Final
from uuid import UUID

from server.apps.streams import jobs
from server.apps.streams.services.events import merge_extra_data
from server.apps.streams.services.payloads import document_of
from server.core.errors import Invalid
from worker.action import Action, Discard, Retry

_AGAIN_AFTER_S: Final = 600


class UpdateEventExtraData(Action[jobs.UpdateEventExtraData]):
    """Put keys into the document of an event; wait for it while its report is still on its way."""

    def execute(self, job: jobs.UpdateEventExtraData) -> None:
        try:
            found = merge_extra_data(event_id=UUID(job.uuid), extra_data=document_of(job.extra_data))
        except (ValueError, Invalid) as error:
            raise Discard(f"This can never be put into an event: {error}") from error
        if not found:
            raise Retry(_AGAIN_AFTER_S, f"There is no event {job.uuid} yet.")
