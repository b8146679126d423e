"""Adding a function to release management, and changing how it is released."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet

from releases.models import Environment, Function
from releases.states import Gate

EXISTING, CREATE, NONE = "existing", "create", "none"
ALIAS_CHOICES = [
    (EXISTING, "It exists in AWS: move it to each new version"),
    (CREATE, "Sluice creates it with the first release"),
    (NONE, "No live alias: callers use $LATEST"),
]
GATE_HINTS = {
    Gate.REVIEW_FIRST: "The function does not change until a release is approved.",
    Gate.STAGE_FIRST: (
        "The release is put on $LATEST to be tested there, then approved. "
        "Needs a live alias, and nothing may call $LATEST. "
        "For a function that is here already, an administrator chooses it."
    ),
}


class FunctionSettingsForm(forms.Form):
    gate = forms.ChoiceField(
        label="Approval gate",
        choices=[(gate.value, f"{gate.label}. {GATE_HINTS[gate]}") for gate in Gate],
        widget=forms.RadioSelect,
        initial=Gate.REVIEW_FIRST,
    )
    alias_mode = forms.ChoiceField(
        label="Live alias",
        choices=ALIAS_CHOICES,
        widget=forms.RadioSelect,
        initial=EXISTING,
    )
    live_alias = forms.CharField(
        label="Name of the live alias",
        max_length=128,
        required=False,
        validators=[
            RegexValidator(
                r"^(?!\d+$)[A-Za-z0-9_-]+$",
                "An alias has letters, digits, - and _, and is not only digits.",
            )
        ],
        help_text="The alias that callers use, for example live.",
    )

    @classmethod
    def of(cls, function: Function, data: Any = None) -> FunctionSettingsForm:
        mode = CREATE if function.creates_alias else EXISTING if function.live_alias else NONE
        initial = {
            "gate": function.gate,
            "alias_mode": mode,
            "live_alias": function.live_alias,
        }
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        mode, alias = values.get("alias_mode"), values.get("live_alias")
        if mode == NONE:
            values["live_alias"] = ""
            if values.get("gate") == Gate.STAGE_FIRST:
                self.add_error("alias_mode", "Stage first needs a live alias.")
        elif mode and not alias and "live_alias" not in self.errors:
            self.add_error("live_alias", "Name the alias, or choose to have none.")
        return values

    def choices(self) -> dict[str, Any]:
        """What the actions take: the settings, without how the form asked for them."""
        values = {name: self.cleaned_data[name] for name in ("gate", "live_alias")}
        values["creates_alias"] = self.cleaned_data["alias_mode"] == CREATE
        return values


class AddFunctionForm(FunctionSettingsForm):
    environment = forms.ModelChoiceField(
        Environment.objects.none(), label="Environment", empty_label="Choose an environment"
    )
    identifier = forms.CharField(
        label="Function",
        max_length=200,
        help_text="Its name, partial ARN (123456789012:function:name) or full ARN.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["environment", "identifier", "gate", "alias_mode", "live_alias"]

    def __init__(self, *args: Any, here: QuerySet[Environment], **kwargs: Any) -> None:
        """`here` are the environments that there are for whoever fills it in."""
        super().__init__(*args, **kwargs)
        choice = self.fields["environment"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - for mypy
        choice.queryset = here
