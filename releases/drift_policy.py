"""Who may decide about drift, and when."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from releases.fingerprint import runs_the_same
from releases.holds import open_freezes, why_held
from releases.models import Drift, DriftKind, Environment, Function, Release, Version
from releases.policy import YES, Decision, by_right, matrix, no, not_now
from releases.policy.matrix import Right
from releases.states import Gate


def can_sync_environment(user: User, environment: Environment) -> Decision:
    return by_right(user, matrix.SYNC, environment)


def _can_decide(user: User, drift: Drift, right: Right) -> Decision:
    role = by_right(user, right, drift.function)
    if not role:
        return role
    if not drift.is_open:
        return not_now(f"This change is decided on: it is {drift.get_state_display().lower()}.")
    if under_way := drift.way_under_way:
        return not_now(f"{under_way.reference} is on its way with it. End that release first.")
    return YES


def can_adopt_drift(user: User, drift: Drift) -> Decision:
    role = _can_decide(user, drift, matrix.ADOPT)
    if not role:
        return role
    if drift.has(DriftKind.DELETED):
        return not_now(f"{drift.function.name} is not in AWS, so there is nothing to adopt.")
    if not drift.has(DriftKind.CODE, DriftKind.CONFIGURATION, DriftKind.RECREATED):
        return no("Only the alias moved, and $LATEST did not: there is nothing to release.")
    return _nothing_in_flight(drift.function)


def can_restore_drift(user: User, drift: Drift) -> Decision:
    role = _can_decide(user, drift, matrix.RESTORE)
    if not role:
        return role
    name = drift.function.name
    if drift.has(DriftKind.DELETED):
        return not_now(f"{name} is not in AWS. Make it again there, with the tool that made it.")
    if drift.has(DriftKind.RECREATED):
        return no(f"{name} was made again, so the versions that were released are gone from AWS.")
    if not drift.has(DriftKind.CODE, DriftKind.CONFIGURATION):
        return no("Only the alias moved: roll back to the version that you want live.")
    if restored_version(drift) is None:
        return no(f"No version of {name} is published that it could be put back to.")
    return may_write_latest(drift.function)


def can_ignore_drift(user: User, drift: Drift) -> Decision:
    return _can_decide(user, drift, matrix.IGNORE)


def may_write_latest(function: Function) -> Decision:
    """Whether Sluice may write `$LATEST` at this moment, without a release."""
    return _nothing_in_flight(function) and _may_change_what_runs(function)


def _may_change_what_runs(function: Function) -> Decision:
    """Whether writing `$LATEST`, which callers may run, is allowed: held or frozen it is not."""
    if function.live_alias and function.gate == Gate.STAGE_FIRST:
        return YES
    if why := why_held(function):
        return not_now(f"{why}. Resume it first.")
    for frozen in open_freezes(function.environment_id):
        return not_now(f"{frozen.words}. Wait until that is over.")
    return YES


def _nothing_in_flight(function: Function) -> Decision:
    release = Release.objects.in_flight().filter(function=function).first()
    if release is None:
        return YES
    return not_now(f"{release.reference} is in flight. It has to end first.")


def restored_version(drift: Drift) -> Version | None:
    """The version that was released last: the live one, or the newest that Sluice published.

    Where Sluice published none, the one that holds what ran before; never the very change.
    """
    versions = Version.objects.filter(function=drift.function_id)
    if drift.function.live_alias:
        number = drift.before_version or drift.function.live_version
        return versions.filter(number=number).first() if number else None
    return versions.exclude(release=None).first() or _ran_before(drift, versions)


def _ran_before(drift: Drift, versions: QuerySet[Version]) -> Version | None:
    same_code = versions.filter(code_sha256=drift.before_code_sha256)
    for version in same_code:
        if runs_the_same(version.configuration, drift.before_configuration):
            return version
    when_added = versions.filter(was_live_when_added=True).first()
    if when_added or drift.has(DriftKind.CONFIGURATION):
        # Another version of that code may be the changed configuration, published.
        return when_added
    return same_code.first()
