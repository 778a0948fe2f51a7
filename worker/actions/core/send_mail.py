from server.core.mail import jobs
from server.core.mail.sending import send_mail
from worker.action import Action


class SendMail(Action[jobs.SendMail]):
    """Hand one mail to the mail server. A repetition may send it twice; better than never."""

    max_seconds = 60

    def execute(self, job: jobs.SendMail) -> None:
        send_mail(job)
