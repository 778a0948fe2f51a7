"""One organisation's flood of uploads does not keep another's reports waiting."""

import pytest

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.ingest import jobs
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.sent import Carrier, rows, signed_list
from server.apps.streams.tests.factories import make_claimed_device
from server.core.lanes import Lane
from server.core.queue import current_queue, message_of
from server.core.queue.backends.postgres import PostgresQueue
from worker.assembly import build_bare_loop
from worker.registry import ACTIONS

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

FLOOD = 300
FEW = 3


def statuses(*reports: StreamerReport) -> list[str]:
    return list(
        StreamerReport.objects.filter(pk__in=[r.pk for r in reports]).values_list("status", flat=True)
    )


def test_a_report_is_stored_while_another_organisation_floods(
    project: Project, bob: Account, charlie: Account, other_org: Org
) -> None:
    flooding = [make_claimed_device(project=project) for _ in range(10)]
    elsewhere = make_claimed_device(project=make_project(name="Else", org=other_org))
    queue = PostgresQueue()
    for number in range(FLOOD):
        device = flooding[number % len(flooding)]
        _post(queue, Carrier(device, bob).upload(signed_list(device, rows(number + 1))))
    _post(queue, report := Carrier(elsewhere, charlie).upload(signed_list(elsewhere, rows(1))))

    loop = build_bare_loop(queue)
    for _ in range(FEW):
        loop.run_once(wait_seconds=0)

    assert statuses(report) == [StreamerReport.Status.STORED]
    assert queue.depth().waiting == FLOOD + 1 - FEW
    queue.close()


def _post(queue: PostgresQueue, report: StreamerReport) -> None:
    """As `receive_report` does where the queue is PostgreSQL's."""
    job = jobs.ProcessReport(report_id=str(report.pk), streamer=report.streamer.slug)
    queue.send([message_of(job, org=report.streamer.device.org_id)])


def test_an_upload_posts_its_job_for_the_organisation_of_the_device(device: Device, bob: Account) -> None:
    Carrier(device, bob).upload(signed_list(device, rows(1)))

    [delivery] = current_queue().receive(most=1, wait_seconds=0, visible_after_seconds=60)
    assert delivery.message is not None
    assert delivery.message.org == str(device.org_id)


@pytest.mark.parametrize(
    "action",
    [
        *("archive-device", "move-device", "trim-device", "reset-device", "unclaim-device"),
        *("repair-device", "undo-repair", "delete-project", "delete-data-block", "forward-report"),
    ],
)
def test_work_that_may_take_long_is_in_the_long_lane(action: str) -> None:
    assert ACTIONS[action].payload.lane is Lane.LONG
