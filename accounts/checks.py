"""System checks: a way in that is configured by half is a mistake."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from accounts.oidc.configured import problems


@register()
def identity_provider_is_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [Error(problem, id="sluice.E010") for problem in problems()]
