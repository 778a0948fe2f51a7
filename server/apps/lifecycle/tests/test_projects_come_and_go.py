"""Projects are cloned, and deleted when nothing depends on them any more."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Operation
from server.apps.devices.models import Device, Project, Property
from server.apps.devices.services.devices import enter_project
from server.apps.devices.tests.factories import make_device
from server.apps.files.models import StoredFile
from server.apps.lifecycle.jobs import DeleteProject
from server.apps.lifecycle.services.archiving import archive_device
from server.apps.lifecycle.services.project_deleting import delete_project, run_project_deletion
from server.apps.streams.models import StreamId, StreamNote, StreamVariable
from server.apps.streams.services.project_cloning import clone_project
from server.apps.streams.tests.data import START, store
from server.apps.streams.tests.lifecycle import (
    RunJobs,
    ids_in,
    keys_of,
    mailed,
    silent,
    state_of,
)
from server.core.errors import Conflict, Forbidden

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def leave(device: Device) -> None:
    """Its streams stay in the project."""
    Device.objects.filter(pk=device.pk).update(project=None, org=None)


def delete(run_jobs: RunJobs, project: Project, by: Account) -> Operation:
    operation = delete_project(project=project, by=by)
    run_jobs()
    return operation


def test_a_clone_has_the_variables_and_no_device(
    device: Device, project: Project, acme: Org, alice: Account
) -> None:
    StreamVariable.objects.update(name="North main", offset=1.5)
    original = StreamVariable.objects.get()
    StreamVariable.objects.create(
        project=project,
        org=acme,
        lid=0x5002,
        name="Rate",
        slug=f"v--{project.slug[3:]}--5002",
        derived_variable=original,
    )

    project.names_make_variables = False
    project.save()

    clone = clone_project(project=project, name="Copy", into=acme, by=alice)

    assert not clone.names_make_variables
    copies = {variable.lid: variable for variable in StreamVariable.objects.filter(project=clone)}
    assert sorted(copies) == [0x5001, 0x5002]
    assert (copies[0x5001].name, copies[0x5001].offset) == ("North main", 1.5)
    assert copies[0x5001].slug == f"v--{clone.slug[3:]}--5001"
    assert copies[0x5002].derived_variable == copies[0x5001]
    assert not clone.devices.exists()


def test_cloning_takes_the_right_to_manage_projects(project: Project, acme: Org, bob: Account) -> None:
    with pytest.raises(Forbidden):
        clone_project(project=project, name="Copy", into=acme, by=bob)


def test_a_project_goes_with_all_that_was_measured_in_it(
    device: Device, project: Project, acme: Org, alice: Account, run_jobs: RunJobs
) -> None:
    store(device, 3)
    keys = keys_of(device)
    stream = StreamId.objects.get()
    for target in (project.slug, stream.slug):
        StreamNote.objects.create(org=acme, target=target, timestamp=START, note="Wet.")
    Property.objects.create(org=acme, target=project.slug, name="color", text="red")
    file = StoredFile.objects.create(org=acme, kind="note", title="x.txt", object_key="notes/x.txt")
    default_storage.save(file.object_key, ContentFile(b"x"))
    StreamNote.objects.filter(target=stream.slug).update(attachment=file)
    leave(device)

    operation = delete(run_jobs, project, alice)

    assert state_of(operation.pk) == ("done", "Deleted.")
    assert not default_storage.exists(file.object_key)
    assert not Project.objects.filter(pk=project.pk).exists()
    for model in (StreamId, StreamVariable, StreamNote, Property, StoredFile):
        assert not model._default_manager.exists(), model
    assert ids_in(keys) == []
    assert mailed() == [("Fieldline: Deleted: Meters", [alice.email])]


def test_a_project_with_a_device_stays(
    device: Device, project: Project, alice: Account, run_jobs: RunJobs
) -> None:
    store(device, 3)

    operation = delete(run_jobs, project, alice)

    assert state_of(operation.pk) == ("failed", "There are devices in the project.")
    assert ids_in(keys_of(device)) == [1, 2, 3]
    assert mailed() == [("Fieldline: Not deleted: Meters", [alice.email])]


def test_a_project_whose_variables_an_archive_needs_stays(
    device: Device, project: Project, alice: Account, run_jobs: RunJobs
) -> None:
    block = archive_device(device=device, title="Spring", by=alice)
    run_jobs()
    leave(device)

    operation = delete(run_jobs, project, alice)

    assert state_of(operation.pk) == ("failed", f"Archives were made from the project: {block.slug}.")
    assert StreamId.objects.filter(block=block).exists()


def test_a_project_that_gets_a_device_while_its_data_are_deleted_stays(
    device: Device, project: Project, alice: Account
) -> None:
    store(device, 3)
    leave(device)
    operation = delete_project(project=project, by=alice)
    newcomer = make_device()

    def claim_it(percent: int, message: str) -> None:
        if newcomer.project is None:
            enter_project(device=newcomer, project=project, by=alice)

    with pytest.raises(Conflict):
        run_project_deletion(DeleteProject(pid=str(operation.pk), project=str(project.pk)), claim_it)

    assert Project.objects.filter(pk=project.pk).exists()


def test_the_job_again_changes_nothing(
    device: Device, project: Project, alice: Account, run_jobs: RunJobs
) -> None:
    leave(device)
    operation = delete(run_jobs, project, alice)

    run_project_deletion(DeleteProject(pid=str(operation.pk), project=str(project.pk)), silent)

    assert len(mailed()) == 1


def test_deleting_takes_the_right_to_manage_projects(project: Project, bob: Account) -> None:
    with pytest.raises(Forbidden):
        delete_project(project=project, by=bob)

    operation = delete_project(project=project, by=make_account(is_staff=True))
    assert operation.state == Operation.State.SCHEDULED
