"""A role for a part of what there is, as an administrator gives it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Role
from releases.models import Environment, ScopeKind
from releases.models.grants import MOST_PATTERN

ROLES = [(role.value, role.label) for role in Role if role != Role.NONE]


class GrantForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Role.DEVELOPER)
    kind = forms.ChoiceField(
        label="For",
        choices=ScopeKind.choices,
        widget=forms.RadioSelect,
        initial=ScopeKind.ENVIRONMENT,
    )
    environment = forms.ModelChoiceField(
        Environment.objects.all(), required=False, empty_label="Choose an environment"
    )
    team = forms.CharField(
        max_length=40,
        required=False,
        help_text="As the settings of functions name it.",
        widget=forms.TextInput(attrs={"list": "teams", "autocomplete": "off"}),
    )
    pattern = forms.CharField(
        label="Names",
        max_length=MOST_PATTERN,
        required=False,
        help_text="pay-* is every function whose name begins with pay-; ? is one character.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def chosen(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {
            "role": Role(data["role"]),
            "kind": ScopeKind(data["kind"]),
            **{name: data[name] for name in ("environment", "team", "pattern")},
        }


class TeamForm(forms.Form):
    team = forms.CharField(
        max_length=40,
        required=False,
        help_text="Roles that people have for a team reach its functions. Empty for none.",
        widget=forms.TextInput(attrs={"list": "teams", "autocomplete": "off"}),
    )
