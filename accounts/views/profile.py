"""The profile: theme, time zone, and what is to come."""

from __future__ import annotations

import zoneinfo
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import is_ours, page_before
from accounts.models import Theme, User
from accounts.profile import change_profile
from releases.audit import Origin


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=Theme, widget=forms.RadioSelect)


class ProfileForm(ThemeForm):
    time_zone = forms.CharField(
        max_length=64,
        help_text="Times on pages are on its clock. The history and its evidence stay in UTC.",
        widget=forms.TextInput(attrs={"list": "time-zones", "spellcheck": "false"}),
    )

    def clean_time_zone(self) -> str:
        """As the tz database writes it, however it was typed."""
        typed = str(self.cleaned_data["time_zone"])
        known = {name.lower(): name for name in zoneinfo.available_timezones()}
        if typed.lower() not in known:
            raise forms.ValidationError(
                f"{typed} is no time zone; they read like Europe/Paris or UTC."
            )
        return known[typed.lower()]


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    kept = {"theme": person.theme, "time_zone": person.time_zone}
    form = ProfileForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        change_profile(person, origin=Origin.of(request), **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    context = {"form": form, "zones": sorted(zoneinfo.available_timezones())}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """The button of every page: back to where it was clicked, or to where that page says."""
    form = ThemeForm(request.POST)
    if form.is_valid():
        change_profile(cast(User, request.user), origin=Origin.of(request), **form.cleaned_data)
    wanted = request.POST.get("next", "")
    return redirect(wanted if is_ours(wanted, request) else page_before(request))
