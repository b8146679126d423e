"""What every way of bringing a package in has in common; the worker inspects it."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import Function, Intake


def may_bring_in(by: User, function: Function) -> None:
    policy.require(policy.can_create_release(by, function))


def only(function: Function, package_type: str, verb: str) -> None:
    if function.package_type != package_type:
        raise InvalidInput(
            f"{function.name} is deployed as {function.package_type}, so you cannot {verb} for it.",
            field="source",
        )


def begin(intake: Intake, *, by: User, origin: Origin) -> Intake:
    with transaction.atomic():
        intake.save()
        record(
            "intake.received",
            by=by,
            origin=origin,
            function=intake.function,
            about=named(intake),
            label=intake.label,
            intake=str(intake.pk),
            sha256=intake.sha256,
        )
        queues.enqueue_intake(str(intake.pk))
    return intake
