from django import forms


class UploadForm(forms.Form):
    """A report file, and when it was taken from the device: empty means now."""

    file = forms.FileField(
        label="Report file", allow_empty_file=True, widget=forms.FileInput(attrs={"class": "form-control"})
    )
    received = forms.DateTimeField(
        label="Taken from the device",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"class": "form-control", "type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )
