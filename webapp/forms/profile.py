from functools import cache
from zoneinfo import available_timezones

from django import forms

from webapp.forms.names import NameField


@cache  # the names are read from hundreds of files
def _zones() -> list[tuple[str, str]]:
    """Returns UTC and the zones with a region; names without one are aliases."""
    named = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in ("UTC", *named)]


class ProfileForm(forms.Form):
    name = NameField(
        label="Name", max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = forms.ChoiceField(
        label="Time zone", choices=_zones, help_text="All times on the pages are shown in it."
    )


class TokenForm(forms.Form):
    name = NameField(
        label="What is it for?",
        max_length=50,
        help_text="For example the name of a program or a machine.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
