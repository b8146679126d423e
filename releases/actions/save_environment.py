"""Add an environment, or change where it points."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from releases import policy
from releases.actions.refusal import refused_environment
from releases.actions.validation import check_entered
from releases.audit import Origin, record
from releases.aws.client import partition_of
from releases.errors import InvalidInput
from releases.models import Environment

PLACE = ("account_id", "region")


def save_environment(
    environment: Environment | None, *, values: dict[str, Any], by: User, origin: Origin
) -> Environment:
    """Create an environment, or change one. Raises NotAllowed, InvalidInput naming the field."""
    verb = f"change {environment.name}" if environment else "add an environment"
    with refused_environment(verb, environment, by=by, origin=origin):
        policy.require(policy.can_manage_environments(by, environment))
    is_new = environment is None
    environment = environment or Environment(approval_days=settings.SLUICE_APPROVAL_DAYS)
    before = {name: getattr(environment, name) for name in values}
    changes = {name: value for name, value in values.items() if before[name] != value}
    for name, value in values.items():
        setattr(environment, name, value)
    check_entered(environment, values.keys(), unique=True)
    _role_is_at_home(environment)
    with transaction.atomic():
        if not is_new:
            _place_stays(environment, changes)
        # Its rules stay as they are: somebody else may be changing them.
        environment.save(update_fields=None if is_new else values.keys())
        record(
            "environment.added" if is_new else "environment.changed",
            by=by,
            origin=origin,
            environment=environment,
            before=None if is_new else {name: before[name] for name in changes},
            after=values if is_new else changes,
            changes=", ".join(f"{n} {before[n]} → {v}" for n, v in changes.items()) or "nothing",
        )
    return environment


def _role_is_at_home(environment: Environment) -> None:
    """Raises InvalidInput for a role that would lead to another account than the page says."""
    if not environment.role_arn:
        return
    _, partition, _, _, account, _ = environment.role_arn.split(":", 5)
    for what, given, here in (
        ("account", account, environment.account_id),
        ("partition", partition, partition_of(environment.region)),
    ):
        if given != here:
            raise InvalidInput(
                f"This role is in {what} {given}, and the environment in {what} {here}."
                " Sluice assumes a role of the environment's own account.",
                field="role_arn",
            )


def _place_stays(environment: Environment, changes: Collection[str]) -> None:
    """Raises InvalidInput where functions, and approvals given for them, would be others.

    Call in a transaction: nobody adds a function until it ends.
    """
    present = Environment.objects.select_for_update().get(pk=environment.pk)
    for name in PLACE:
        if name in changes and present.functions.exists():
            raise InvalidInput(
                f"{present.name} holds functions, so its account and Region stay."
                " Add another environment instead.",
                field=name,
            )
