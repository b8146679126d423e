"""What every way of bringing a package in has in common; the worker inspects it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.people import lock_people
from releases import policy, queues
from releases.actions.refusal import refused_intake
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import Function, Intake
from releases.models.artifacts import LONGEST_LABEL
from releases.packages.spelling import spelled


def label_of(source: str) -> str:
    """What a package is called on pages, in the history and in exports: its source, spelled out."""
    return spelled(source)[:LONGEST_LABEL]


def may_bring_in(by: User, function: Function) -> None:
    policy.require(policy.can_create_release(by, function))


def only(function: Function, package_type: str, verb: str) -> None:
    if function.package_type != package_type:
        raise InvalidInput(
            f"{function.name} is deployed as {function.package_type}, so you cannot {verb} for it.",
            field="source",
        )


def begin(intake: Intake, *, by: User, origin: Origin) -> Intake:
    """Raises NotAllowed: an upload takes long enough for somebody to lose their role meanwhile."""
    with (
        refused_intake(intake.label, intake.function, by=by, origin=origin),
        transaction.atomic(),
    ):
        (present,) = lock_people(by)
        may_bring_in(present, Function.objects.get(pk=intake.function_id))
        intake.enqueued_at = timezone.now()
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
        queues.push_intake(str(intake.pk))
    return intake
