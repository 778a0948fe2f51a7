"""Sending mail. A request never waits for a mail server: it posts a job, and the worker sends the
mail."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from server.core.errors import Unavailable
from server.core.mail.jobs import SendMail
from server.core.mail.subjects import name_in_subject
from server.core.queue import enqueue


def mail(*, to: Sequence[str], template: str, context: Mapping[str, str | int]) -> None:
    """Post a job that sends a mail. `template` is a path below `webapp/templates/mails` without its
    ending: <template>_subject.txt and <template>.txt. The context is plain text and numbers, since
    it waits on the queue, and holds no secrets but links.
    """
    if to:
        enqueue(SendMail(to=list(to), template=template, context=dict(context)))


def send_mail(job: SendMail) -> None:
    """Send a mail now; called by the worker. Raises Unavailable when the mail server does not
    accept it."""
    text = render_to_string(f"mails/{job.template}.txt", job.context)
    message = EmailMultiAlternatives(_subject(job), text, to=job.to, headers=_headers(job))
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors
        raise Unavailable("The mail server did not accept the mail.") from error


def _subject(job: SendMail) -> str:
    """Begins with the product's name, and has names of others only as data: a stranger's words must
    not look like ours."""
    names = {
        name: name_in_subject(value) if isinstance(value, str) else value
        for name, value in job.context.items()
    }
    rendered = render_to_string(f"mails/{job.template}_subject.txt", names)
    return " ".join(f"{settings.SITE_NAME}: {rendered}".split())


def _headers(job: SendMail) -> dict[str, str]:
    link = job.context.get("unsubscribe_link")
    return {"List-Unsubscribe": f"<{link}>"} if link else {}
