"""Where releases go: an account, a Region, and the role that leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.validators import RegexValidator

from releases.aws.names import BUCKET_NAME, NOT_A_BUCKET
from releases.models import Environment

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Environment]
else:
    _ModelForm = forms.ModelForm


class EnvironmentForm(_ModelForm):
    class Meta:
        model = Environment
        fields = ["name", "tier", "account_id", "region", "role_arn", "staging_bucket"]
        labels = {
            "account_id": "AWS account id",
            "region": "Region",
            "role_arn": "Role ARN",
            "staging_bucket": "Staging bucket",
        }
        help_texts = {
            "name": "Short, as people say it: production, staging-eu.",
            "tier": "Drawn as the mark beside the name: how careful people should be.",
            "account_id": (
                "Several environments may share an account and Region, each with its own role and"
                " approval policy. A function is in one of them."
            ),
            "region": "For example eu-west-1.",
            "role_arn": "The role that Sluice assumes. Empty: Sluice's own credentials.",
            "staging_bucket": (
                "In the same Region, with versioning. Needed for packages over 50 MB."
            ),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # Digits of other alphabets are digits to the model, too.
        self.fields["account_id"].validators.append(
            RegexValidator(r"^[0-9]{12}\Z", "An account id has 12 digits.")
        )
        self.fields["region"].validators.append(
            RegexValidator(r"^[a-z]{2}(-[a-z]+)+-[0-9]\Z", "A Region reads like eu-west-1.")
        )
        self.fields["role_arn"].validators.append(
            RegexValidator(
                r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\x21-\x7e]+\Z",
                "A role ARN reads like arn:aws:iam::123456789012:role/sluice.",
            )
        )
        self.fields["staging_bucket"].validators.append(
            RegexValidator(rf"^{BUCKET_NAME.pattern}\Z", NOT_A_BUCKET)
        )
        for name in ("account_id", "region", "role_arn", "staging_bucket"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
