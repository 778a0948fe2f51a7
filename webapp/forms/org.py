from typing import Any

from django import forms

from server.apps.accounts.models import OrgApiKey, Role
from server.apps.accounts.models.roles import GIVEN_ROLES
from webapp.forms.names import NameField


class OrgForm(forms.Form):
    name = NameField(max_length=50)
    about = forms.CharField(max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(choices=GIVEN_ROLES, initial=Role.MEMBER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class RemovalForm(forms.Form):
    """Asks what becomes of the API keys that the member made, if there are any."""

    keys = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            ("revoke", "Revoke: programs that use one stop at once"),
            ("keep", "Keep: the organisation's programs go on with them"),
        ],
    )

    def __init__(self, *args: Any, api_keys: int, maker: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keys"].label = f"API keys made by {maker}: {api_keys}"
        if not api_keys:
            del self.fields["keys"]

    @property
    def revoke_keys(self) -> bool:
        return self.cleaned_data.get("keys") == "revoke"


class ApiKeyForm(forms.Form):
    name = NameField(
        label="What is it for?", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    scopes = forms.MultipleChoiceField(
        label="What may it do?", choices=OrgApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_on = forms.DateTimeField(
        label="Until when? (optional)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
