"""Put rules in force: for an environment's functions or one, and for what is at their gates."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from releases.actions.gate import renew_round
from releases.actions.refusal import about
from releases.audit import Origin, named, record
from releases.models import ChangeState, Environment, Function, PolicyChange, Release
from releases.models.policies import RULE_FIELDS, columns
from releases.rules import Rules
from releases.states import FINAL


def locked(subject: Function | Environment) -> Function | Environment:
    """The present row; its environment's row stays locked, so policies change one after another.

    The worker locks releases and then functions, never environments: those come first.
    """
    pk = subject.environment_id if isinstance(subject, Function) else subject.pk
    environment = Environment.objects.select_for_update().get(pk=pk)
    if isinstance(subject, Environment):
        return environment
    function = Function.objects.get(pk=subject.pk)
    function.environment = environment
    return function


def put_in_force(
    subject: Function | Environment, own: Rules | None, *, because: str, origin: Origin
) -> None:
    """Save `own` rules, or that a function inherits; approvals of the old policy lapse.

    `origin` is the click that all of it follows from. Call in a transaction, with what `locked`
    returned.
    """
    functions = _functions_of(subject)
    before = [each.rules for each in functions]
    values = columns(own) if own else dict.fromkeys(RULE_FIELDS)
    for name, value in values.items():
        setattr(subject, name, value)
    affected = [each.pk for each, was in zip(functions, before, strict=True) if each.rules != was]
    unfinished = list(
        Release.objects.filter(function__in=affected)
        .exclude(state__in=FINAL)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    subject.save(update_fields=[*values])
    Function.objects.filter(pk__in=affected).update(policy_version=F("policy_version") + 1)
    for release in unfinished:
        # Read now: its policy version is the one just given.
        release.function = Function.objects.with_environment().get(pk=release.function_id)
        renew_round(release, because, origin=origin)
    _lapse_pending(subject, because, origin)


def _functions_of(subject: Function | Environment) -> list[Function]:
    """Whose policy this is, or is a part of; an environment is the very object given."""
    if isinstance(subject, Function):
        return [subject]
    functions = list(subject.functions.order_by("pk"))
    for each in functions:
        each.environment = subject
    return functions


def _lapse_pending(subject: Function | Environment, because: str, origin: Origin) -> None:
    """What was proposed against the old policy was proposed to the people of the old policy."""
    of_these = (
        Q(function=subject)
        if isinstance(subject, Function)
        else Q(environment=subject) | Q(function__environment=subject)
    )
    pending = PolicyChange.objects.filter(of_these, state=ChangeState.PENDING)
    for change in pending.select_related("function", "environment"):
        close(change, ChangeState.LAPSED, because)
        record(
            "policy.lapsed",
            by=None,
            origin=origin,
            **about(change.subject),
            about=named(change),
            reason=because,
        )


def rules_by_name(rules: Rules, *, inherits: bool = False) -> dict[str, Any]:
    """As the history keeps rules before and after a change."""
    return asdict(rules) | ({"inherited": True} if inherits else {})


def close(change: PolicyChange, state: ChangeState, because: str) -> None:
    change.state = state
    change.closed_at = timezone.now()
    change.closed_because = because
    change.save(update_fields=["state", "closed_at", "closed_because"])
