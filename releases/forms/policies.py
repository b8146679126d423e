"""An approval policy as people enter it: a number for each group, and how long approvals last."""

from __future__ import annotations

from typing import Any

from django import forms

from releases.models import Environment, Function
from releases.rules import MOST_APPROVALS, MOST_DAYS, Rules

OWN, INHERITED = "own", "inherited"
# The fields, in the order of `Rules`.
NAMES = ("managers", "security", "days", "rollback")


class PolicyForm(forms.Form):
    source = forms.ChoiceField(label="Where the rules come from", widget=forms.RadioSelect)
    managers = forms.IntegerField(
        label="Release managers", min_value=0, max_value=MOST_APPROVALS, required=False
    )
    security = forms.IntegerField(
        label="Security", min_value=0, max_value=MOST_APPROVALS, required=False
    )
    days = forms.IntegerField(
        label="Approvals last, in days", min_value=1, max_value=MOST_DAYS, required=False
    )
    rollback = forms.TypedChoiceField(
        label="Who rolls back",
        choices=[(1, "One release manager, at once"), (2, "Two: a second one has to agree")],
        coerce=int,
        required=False,
    )
    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed for a looser policy: the people of the present one decide on it.",
    )

    @classmethod
    def of(cls, subject: Function | Environment, data: Any = None) -> PolicyForm:
        rules = subject.rules
        initial: dict[str, Any] = {name: getattr(rules, name) for name in NAMES}
        is_function = isinstance(subject, Function)
        inherits = isinstance(subject, Function) and subject.inherits
        form = cls(data, initial=initial | {"source": INHERITED if inherits else OWN})
        if not is_function:
            del form.fields["source"]
        elif isinstance(subject, Function):
            of_place = f"Inherited from {subject.environment.name}: {subject.environment.rules}"
            choices = [(INHERITED, of_place), (OWN, "Rules of its own, as below")]
            form.fields["source"].choices = choices  # type: ignore[attr-defined]
        return form

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["rollback"] = values.get("rollback") or 1
        if values.get("source") == INHERITED:
            return values
        for name in ("managers", "security", "days"):
            if values.get(name) is None and name not in self.errors:
                self.add_error(
                    name,
                    "Enter a number; 0 asks nobody."
                    if name != "days"
                    else "Enter a number of days.",
                )
        return values

    @property
    def own(self) -> Rules | None:
        """What the action takes: rules, or None to inherit."""
        if self.cleaned_data.get("source") == INHERITED:
            return None
        return Rules(*(self.cleaned_data[name] for name in NAMES))
