"""Forms of a new release: the request itself, and the ways in which a package comes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from accounts.models import User
from releases.models import Function, Intake, IntakeState

LATEST, UPLOAD, S3, IMAGE = "latest", "upload", "s3", "image"
SOURCES = [
    (UPLOAD, "Zip file"),
    (S3, "S3 object"),
    (IMAGE, "Container image"),
    (LATEST, "What is on $LATEST"),
]
ARCHITECTURES = [("", "As the function has it"), ("x86_64", "x86_64"), ("arm64", "arm64")]


class S3Form(forms.Form):
    """An object that is read once at intake and stored like an upload."""

    bucket = forms.CharField(max_length=63)
    key = forms.CharField(max_length=1024, strip=False)
    object_version = forms.CharField(max_length=1024, required=False)


class ImageForm(forms.Form):
    image_uri = forms.CharField(max_length=512)


class NewReleaseForm(forms.Form):
    """A release as it is asked for. What the fields of a package hold survives every error."""

    function = forms.ModelChoiceField(Function.objects.none())
    source = forms.ChoiceField(choices=SOURCES, required=False)
    intake = forms.ModelChoiceField(
        Intake.objects.none(),
        required=False,
        error_messages={"invalid_choice": "This package is not known. Bring it in again."},
    )
    bucket = forms.CharField(max_length=63, required=False)
    key = forms.CharField(max_length=1024, required=False, strip=False)
    object_version = forms.CharField(max_length=1024, required=False)
    image_uri = forms.CharField(max_length=512, required=False)
    description = forms.CharField(max_length=256, required=False)
    architecture = forms.ChoiceField(choices=ARCHITECTURES, required=False)
    git_commit = forms.CharField(
        max_length=64,
        required=False,
        validators=[
            RegexValidator(r"^[0-9a-fA-F]{7,64}$", "A commit is 7 to 64 hexadecimal digits.")
        ],
    )
    # As typed; the view reads the moment in UTC from what the browser adds to it.
    not_before_local = forms.CharField(max_length=32, required=False)
    not_before = forms.CharField(max_length=40, required=False)
    change_url = forms.URLField(
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Enter an address that begins with https:// or http://."},
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = {
            "function": Function.objects.visible_to(person).with_environment(),
            "intake": Intake.objects.visible_to(person).select_related("artifact", "function"),
        }
        for name, rows in visible.items():
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - for mypy
            choice.queryset = rows

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("source") == LATEST:
            cleaned["intake"] = None
            cleaned["architecture"] = ""
        elif "intake" not in self.errors:
            self._check_intake(cleaned.get("intake"), cleaned.get("function"))
        return cleaned

    def _check_intake(self, intake: Intake | None, function: Function | None) -> None:
        if intake is None:
            self.add_error("intake", "Bring a package in first, or release what is on $LATEST.")
        elif function is not None and intake.function_id != function.pk:
            self.add_error("intake", f"This package was brought in for {intake.function.name}.")
        elif intake.state == IntakeState.REFUSED:
            self.add_error("intake", "This package was refused. Bring in another one.")
        elif intake.state != IntakeState.ACCEPTED:
            self.add_error("intake", "The package is still being inspected. Try again in a moment.")
