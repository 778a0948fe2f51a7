"""A message to the people of an organisation."""

from collections.abc import Sequence

from django.db import transaction

from server.apps.accounts import jobs
from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.selectors.orgs import members_of
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.operations import finish_operation, start_operation
from server.core.mail.limits import count_mail
from server.core.mail.sending import mail


@transaction.atomic
def message_members(
    *, org: Org, roles: Sequence[str], subject: str, text: str, by: Account, staff: bool = False
) -> Operation:
    """Start mailing members with one of the roles; no roles: all. Raises Forbidden without
    `can_manage_users`, TooMany."""
    require(by, "can_manage_users", org, staff=staff)
    count_mail(kind="message", org_id=org.pk)
    record_change(
        org=org,
        kind="org",
        ref=org.slug,
        verb=Verb.CHANGED,
        event="message-members",
        by=by,
        audited=True,
        details={"roles": sorted(roles), "subject": subject},
    )
    return start_operation(
        org=org,
        target=org.ref,
        by=by,
        job=lambda pid: jobs.MessageMembers(
            pid=pid, org=org.slug, roles=sorted(roles), subject=subject, text=text
        ),
    )


def run_message(job: jobs.MessageMembers) -> None:
    """One mail each, so that nobody sees the others' addresses. All are posted or none, so that a
    repetition sends none twice."""
    org = Org.objects.get(slug=job.org)
    members = members_of(org).filter(user__is_active=True)
    if job.roles:
        members = members.filter(role__in=job.roles)
    sender = creator_of(job.pid)
    with transaction.atomic():
        addresses = [member.user.email for member in members]
        for address in addresses:
            context = {
                "org": org.name,
                "subject": job.subject,
                "text": job.text,
                "by": sender.get_full_name() if sender is not None else "",
            }
            mail(to=[address], template="org/message", context=context)
        finish_operation(job.pid, f"Sent to {len(addresses)}.")
