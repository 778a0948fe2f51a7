"""The user's own name and time zone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from server.apps.accounts.services.accounts import change_profile
from webapp.forms.profile import ProfileForm
from webapp.views.page import PageRequest, page


@page
def profile(request: PageRequest) -> HttpResponse:
    user = request.user
    form = ProfileForm(request.POST or None, initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        change_profile(user=user, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return render(request, "profile/page.html", {"form": form}, status=400 if form.errors else 200)
