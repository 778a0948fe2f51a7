from django import forms


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What is it for?",
        max_length=50,
        help_text="For instance the name of a program or a machine.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
