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
