from allauth.account.forms import LoginForm

from server.lib.mailboxes import mailbox


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    def clean_login(self) -> str:
        """allauth compares it with the confirmed addresses of the account."""
        return mailbox(super().clean_login())
