"""Have all of an environment read from AWS again, on demand."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import drift_policy, policy
from releases.actions.refusal import refused_environment
from releases.audit import Origin, record
from releases.models import Environment, Function


def sync_environment(environment: Environment, *, by: User, origin: Origin) -> None:
    """Begin a round now: its functions are listed within seconds, their aliases in five minutes.

    It costs what every round costs, so that nobody spends the budget of releases by clicking.
    Raises NotAllowed.
    """
    verb = f"have all of {environment.name} read from AWS again"
    with refused_environment(verb, environment, by=by, origin=origin):
        policy.require(drift_policy.can_sync_environment(by, environment))
    with transaction.atomic():
        Environment.objects.filter(pk=environment.pk).update(listed_at=None)
        Function.objects.filter(environment=environment).update(polled_at=None)
        record("environment.sync_asked", by=by, origin=origin, environment=environment)
