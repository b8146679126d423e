"""Read a function from AWS again, on demand."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy
from releases.actions.drift import drift
from releases.actions.read_function import keep, read
from releases.audit import Origin, record
from releases.audit.aws_calls import gateway_for
from releases.models import Function


def refresh_function(function: Function, *, by: User, origin: Origin) -> list[int]:
    """Bring our rows up to date; returns the new versions. Raises NotAllowed, AwsError."""
    policy.require(policy.can_refresh_function(by, function))
    reading = read(gateway_for(function.environment), function.name)
    with transaction.atomic():
        if outside := drift(function, reading):
            # What a person sees before the next poll is as new to the history.
            detail = "; ".join(outside)
            record("function.drifted", by=None, function=function, detail=detail)
        new = keep(function, reading)
        found = f"{len(new)} new versions" if new else "nothing new"
        record("function.read", by=by, origin=origin, function=function, found=found)
    return new
