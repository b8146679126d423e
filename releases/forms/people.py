"""The forms of people: which ones to list, another role, an invitation and its password."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.validators import ASCIIUsernameValidator

from accounts.models import Role

ASCII_ONLY = "Letters without accents, digits and @ . + - _ only."


class PeopleFilter(forms.Form):
    q = forms.CharField(required=False)
    role = forms.ChoiceField(required=False, choices=[("", "All roles"), *Role.choices])
    state = forms.ChoiceField(
        required=False,
        choices=[("", "Everybody"), ("active", "Active"), ("deactivated", "Deactivated")],
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class InvitationForm(forms.Form):
    username = forms.CharField(
        max_length=150,
        validators=[
            ASCIIUsernameValidator(message="Letters without accents, digits and @ . + - _ only.")
        ],
        help_text="What they sign in with, for example ines. It stays.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        max_length=150,
        help_text="As the history shall call them, for example Ines Vidal.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(choices=Role.choices)


class AcceptForm(forms.Form):
    """The two fields of the password; what they must be like is checked by the action."""

    password = forms.CharField(
        strip=False,
        help_text=" ".join(password_validators_help_texts()),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError("The two passwords differ.")
        return again
