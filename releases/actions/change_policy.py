"""Change an approval policy: a stricter one is in force at once, a looser one is proposed."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, policy_changes
from releases.actions.put_in_force import locked, put_in_force, rules_by_name
from releases.actions.refusal import about, refused_policy
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import ChangeState, Environment, Function, PolicyChange
from releases.models.policies import columns
from releases.rules import MOST_APPROVALS, MOST_DAYS, Rules, loosens


def change_policy(
    subject: Function | Environment,
    own: Rules | None,
    *,
    by: User,
    origin: Origin,
    reason: str = "",
) -> PolicyChange | None:
    """Give `subject` rules of its own; None lets a function inherit its environment's.

    Returns the change that now waits for people of the present policy, or None if `own` is in
    force. Raises NotAllowed (the attempt is recorded) and InvalidInput naming the field.
    """
    verb = "change the approval policy"
    with refused_policy(verb, subject, by=by, origin=origin), transaction.atomic():
        policy.require(policy_changes.can_propose_policy_change(by, subject))
        present = locked(subject)
        before, after = present.rules, _after(present, own)
        _possible(present, before, after)
        _no_less(present, own)
        if loosens(before, after):
            return _propose(
                present, after, inherits=own is None, by=by, origin=origin, reason=reason.strip()
            )
        if own == _own(present):
            return None
        record(
            "policy.changed",
            by=by,
            origin=origin,
            **about(present),
            was=str(before),
            becomes=_words(after, inherits=own is None),
            before=rules_by_name(before, inherits=_own(present) is None),
            after=rules_by_name(after, inherits=own is None),
        )
        because = f"{by.name} changed the approval policy"
        put_in_force(present, own, because=because, origin=origin.caused)
    return None


def _after(subject: Function | Environment, own: Rules | None) -> Rules:
    if own is not None:
        return own
    if isinstance(subject, Environment):
        raise InvalidInput("An environment inherits from nothing: give it rules.")
    return subject.environment.rules


def _own(subject: Function | Environment) -> Rules | None:
    return subject.own_rules if isinstance(subject, Function) else subject.rules


def _no_less(subject: Function | Environment, own: Rules | None) -> None:
    """Raises InvalidInput where a function's own rules would ask for less than its environment."""
    if own is None or isinstance(subject, Environment):
        return
    floor = subject.environment.rules
    for field in ("managers", "security", "days", "rollback"):
        if getattr(own.at_least(floor), field) != getattr(own, field):
            raise InvalidInput(
                f"{subject.environment.name} asks for {floor}. A function's own rules may ask for"
                " more than its environment, never for less.",
                field=field,
            )


def _words(rules: Rules, *, inherits: bool) -> str:
    return f"{rules} (inherited)" if inherits else str(rules)


def _possible(subject: Function | Environment, before: Rules, after: Rules) -> None:
    """Raises InvalidInput where nobody could ever satisfy the new rules."""
    for field in ("managers", "security"):
        if not 0 <= getattr(after, field) <= MOST_APPROVALS:
            raise InvalidInput(f"Between 0 and {MOST_APPROVALS} of a group.", field=field)
    if after.total < 1:
        raise InvalidInput("At least one approval is needed.", field="managers")
    if not 1 <= after.days <= MOST_DAYS:
        raise InvalidInput(f"Approvals last between 1 and {MOST_DAYS} days.", field="days")
    if after.rollback not in (1, 2):
        raise InvalidInput("One or two release managers roll back.", field="rollback")
    problem = policy_changes.too_few(after, subject) if after != before else ""
    if problem:
        field = "managers" if "release manager" in problem else "security"
        raise InvalidInput(problem, field=field)


def _propose(
    subject: Function | Environment,
    after: Rules,
    *,
    inherits: bool,
    by: User,
    origin: Origin,
    reason: str,
) -> PolicyChange:
    before = subject.rules
    if subject.policy_changes.filter(state=ChangeState.PENDING).exists():
        raise InvalidInput(
            "A looser policy is proposed already. It is decided on or withdrawn first."
        )
    if not reason:
        raise InvalidInput(
            f"This is looser than now, so {before.who} have to approve it. Tell them why.",
            field="reason",
        )
    change = PolicyChange.objects.create(
        **{"function" if isinstance(subject, Function) else "environment": subject},
        **{f"before_{name}": value for name, value in columns(before).items()},
        **{f"after_{name}": value for name, value in columns(after).items()},
        inherits=inherits,
        reason=reason,
        proposed_by=by,
    )
    record(
        "policy.proposed",
        by=by,
        origin=origin,
        **about(subject),
        was=str(before),
        becomes=_words(after, inherits=inherits),
        about=named(change),
        before=rules_by_name(before, inherits=_own(subject) is None),
        after=rules_by_name(after, inherits=inherits),
        reason=reason,
    )
    return change
