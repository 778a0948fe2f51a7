"""Mails. A request never waits for a mail server: it posts a job, and the worker sends."""

from collections.abc import Mapping, Sequence

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from server.core.errors import Unavailable
from server.core.mail.jobs import SendMail
from server.core.queue import enqueue


def mail(*, to: Sequence[str], template: str, context: Mapping[str, str | int]) -> None:
    """`template` names a folder's stem below `webapp/templates/mails`: <template>_subject.txt and <template>.txt, and
    <template>.html if there is one. The context is plain text and numbers, since it waits on the queue; nothing secret but links.
    """
    if to:
        enqueue(SendMail(to=list(to), template=template, context=dict(context)))


def send_mail(job: SendMail) -> None:
    """For the worker. Raises Unavailable when the mail server does not take it."""
    subject = " ".join(render_to_string(f"mails/{job.template}_subject.txt", job.context).split())
    message = EmailMultiAlternatives(
        subject, render_to_string(f"mails/{job.template}.txt", job.context), to=job.to
    )
    try:
        message.send()
    except OSError as error:  # what smtplib raises is one too
        raise Unavailable("The mail server did not take the mail.") from error
