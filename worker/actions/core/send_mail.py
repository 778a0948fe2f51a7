from server.core.mail import jobs
from server.core.mail.sending import send_mail
from worker.action import Action


class SendMail(Action[jobs.SendMail]):
    """Send one mail. A repeated run may send it twice, which is better than never."""

    max_seconds = 60

    def execute(self, job: jobs.SendMail) -> None:
        send_mail(job)
