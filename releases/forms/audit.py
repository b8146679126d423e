"""The form of a view of the history: its name, and whether others see it."""

from __future__ import annotations

from django import forms


class ViewForm(forms.Form):
    name = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    is_shared = forms.BooleanField(label="Show it to everybody, with my name", required=False)
