"""The form of a freeze: for which environment, why, and when."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from releases.models import Environment
from releases.models.freezes import Recurrence, Weekday

DAYS = [("", "Choose a day"), *Weekday.choices]
# What belongs to each way of recurring; the rest of what was typed is left out.
TIMES = {
    Recurrence.ONCE: ("starts_at", "ends_at"),
    Recurrence.DAILY: ("from_time", "to_time"),
    Recurrence.WEEKLY: ("from_weekday", "from_time", "to_weekday", "to_time"),
}


def _moment() -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    return forms.DateTimeField(required=False, widget=widget, input_formats=formats)


def _time_of_day() -> forms.TimeField:
    return forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}))


def _weekday() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=DAYS, coerce=int, empty_value=None, required=False)


class FreezeForm(forms.Form):
    environment = forms.ModelChoiceField(
        Environment.objects.none(), required=False, empty_label="All environments"
    )
    reason = forms.CharField(
        max_length=200, help_text="Shown to everybody who waits, for example: Black Friday."
    )
    recurrence = forms.ChoiceField(choices=Recurrence.choices, initial=Recurrence.ONCE)
    time_zone = forms.CharField(
        max_length=64,
        initial="UTC",
        help_text="All times below are those of its wall clock: UTC, Europe/Paris…",
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )
    starts_at, ends_at = _moment(), _moment()
    from_weekday, to_weekday = _weekday(), _weekday()
    from_time, to_time = _time_of_day(), _time_of_day()

    def __init__(self, *args: Any, here: QuerySet[Environment], **kwargs: Any) -> None:
        """`here` are the environments that there are for whoever fills it in."""
        super().__init__(*args, **kwargs)
        choice = self.fields["environment"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - for mypy
        choice.queryset = here

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError("There is no such time zone; they read like Europe/Paris.")
        return name

    def times(self) -> dict[str, Any]:
        """The columns of `Freeze` that the chosen way of recurring needs."""
        data = self.cleaned_data
        zone = zoneinfo.ZoneInfo(data["time_zone"])
        recurrence = Recurrence(data["recurrence"])
        wanted = {name: data.get(name) for name in TIMES[recurrence]}
        for name, value in wanted.items():
            if isinstance(value, datetime):
                wanted[name] = timezone.make_naive(value, timezone.get_current_timezone()).replace(
                    tzinfo=zone
                )
        return {"recurrence": recurrence.value, "time_zone": data["time_zone"]} | wanted
