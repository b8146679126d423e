"""What the gate does by itself: open a round, close one, and let through what has enough."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from releases import queues
from releases.actions.drift import takes_drift_in
from releases.actions.transition import transition
from releases.audit import Evidence, Origin, named, record
from releases.fingerprint import Parts, digest, moves
from releases.models import Authorship, Comparison, FreezeOverride, Release, Round, Verdict
from releases.models.policies import columns
from releases.models.present import locked_present
from releases.policy import enough_approvals
from releases.rules import Rules
from releases.states import ReleaseState

STAGED_AGAIN = "staged it again on top of a change"
CHANGED = "something that the approvals were given for changed"
POLICY_CHANGED = "the approval policy changed"
AT_THE_GATE = (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED)
# In whose words the gate says that it asks for one more than the policy.
NOBODYS = (
    "One more than the policy, because what was changed outside Sluice is in it, which nobody here"
    " wrote."
)
OVERRIDDEN = "One more than the policy, because a freeze was overridden for it."
# What a round has seen in AWS, which a change of policy does not make unseen.
OBSERVED = ("checked", "baseline", "baseline_alias_revision", "dry_run", "last_known_version")


def rules_for(release: Release) -> Rules:
    """The function's rules, and one more where drift is taken in, however it was requested:
    nobody here wrote that. One more, too, where a freeze was overridden."""
    rules = release.function.rules
    for _ in _why_more(release, takes_drift_in(release)):
        rules = rules.one_more()
    return rules


def why_more(release: Release) -> list[str]:
    """Why its present round asks for more than the function's policy, each as a sentence.

    One query.
    """
    return _why_more(release, release.took_drift_in)


def _why_more(release: Release, takes_drift: bool) -> list[str]:
    adopts = Authorship.objects.filter(release=release, because=Authorship.ADOPTED)
    overrides = FreezeOverride.objects.filter(release=release)
    itself = Release.objects.filter(pk=release.pk)
    adopted, overridden = itself.values_list(Exists(adopts), Exists(overrides)).get()
    reasons = ((NOBODYS, takes_drift or adopted), (OVERRIDDEN, overridden))
    return [why for why, is_so in reasons if is_so]


def open_round(
    release: Release, parts: Parts, *, origin: Origin | None = None, **observed: Any
) -> tuple[Round, list[str]]:
    """The round for these parts: the present one if nothing moved, else a new one.

    Returns it with what moved, in words. Approvals of the round before lapse with it.
    Call within the worker's lock, in a transaction.
    """
    present = release.current_round
    if present and not present.closed_at and _is_for(present, parts):
        Round.objects.filter(pk=present.pk).update(**observed)
        for name, value in observed.items():
            setattr(present, name, value)
        if present.comparison == Comparison.WAITING:
            queues.enqueue_comparison(present.pk)
        return present, []
    moved = (moves(present.parts, parts) or [CHANGED]) if present and not present.closed_at else []
    number = release.round_number
    if present:
        close_round(present, "; ".join(moved) or present.closed_because, origin=origin)
        number += 1
        # A version of the round before was approved as something else: it is never shifted.
        fresh = {"round_number": number, "version_number": None, "reused_version": False}
        Release.objects.filter(pk=release.pk).update(**fresh)
        for name, value in fresh.items():
            setattr(release, name, value)
    takes_drift = takes_drift_in(release)
    if release.took_drift_in != takes_drift:
        Release.objects.filter(pk=release.pk).update(took_drift_in=takes_drift)
        release.took_drift_in = takes_drift
    opened = Round.objects.create(
        release=release,
        number=number,
        parts=parts,
        fingerprint=digest(parts, round_number=number),
        comparison_enqueued_at=timezone.now(),
        **columns(Rules.of_parts(parts["rules"])),
        **observed,
    )
    record(
        "release.round_opened",
        by=None,
        origin=origin,
        release=release,
        about=named(opened),
        round=number,
        fingerprint=opened.fingerprint,
        **opened_for(parts),
    )
    queues.push_comparison(opened.pk)
    return opened, moved


def opened_for(parts: Parts) -> dict[str, Any]:
    """What the history keeps of what is reviewed, and under which policy."""
    return {
        "code_sha256": parts["candidate"]["code_sha256"],
        "policy": Rules.of_parts(parts["rules"]).words,
        "policy_version": parts["policy_version"],
    }


def _is_for(round_: Round, parts: Parts) -> bool:
    return digest(parts, round_number=round_.number) == round_.fingerprint


def close_round(round_: Round, because: str, *, origin: Origin | None = None) -> None:
    """No approval of this round ever counts again. Names whose approvals lapsed."""
    closed = Round.objects.filter(pk=round_.pk, closed_at__isnull=True)
    if not closed.update(closed_at=timezone.now(), closed_because=because[:500]):
        return
    given = round_.decisions.filter(verdict=Verdict.APPROVE, withdrawn_at__isnull=True)
    people = [decision.person for decision in given.select_related("person")]
    names = [person.name for person in people]
    if names:
        record(
            "release.approvals_lapsed",
            by=None,
            origin=origin,
            release=round_.release,
            about=named(round_, *people),
            reason=f"{because} (given by {', '.join(names)})",
            people=names,
        )


def let_through(
    release: Release, *, attempt: uuid.UUID | None = None, origin: Origin | None = None
) -> bool:
    """Approve the release if its round has enough approvals that count now."""
    # Within a transaction it is a part of that: there is nothing to go back to half of the way.
    with transaction.atomic(savepoint=False):
        locked, round_ = locked_present(release.pk)
        if round_ is None or not let_through_locked(locked, round_, attempt=attempt, origin=origin):
            return False
    release.state = ReleaseState.APPROVED
    return True


def let_through_locked(
    locked: Release,
    round_: Round,
    *,
    counted: Mapping[str, int] | None = None,
    attempt: uuid.UUID | None = None,
    origin: Origin | None = None,
) -> bool:
    """As `let_through`, in a transaction, with what `locked_present` gave.

    `counted` is what was counted in it already.
    """
    if locked.state != ReleaseState.AWAITING_APPROVAL or round_.closed_at:
        return False
    if policy_changed(locked, round_):
        renew_round(locked, POLICY_CHANGED, origin=origin)
        return False
    if not enough_approvals(round_, counted):
        return False
    evidence = Evidence(named(round_, locked.artifact))
    transition(
        locked,
        ReleaseState.APPROVED,
        by=None,
        origin=origin,
        attempt=attempt,
        evidence=evidence,
        **queues.written_with(),
    )
    queues.push_release(locked.pk)
    return True


def policy_changed(release: Release, round_: Round) -> bool:
    """Whether the function's policy is another one than this round was opened under."""
    return bool(round_.parts["policy_version"] != release.function.policy_version)


def renew_round(release: Release, because: str, *, origin: Origin | None = None) -> None:
    """The policy changed under a release at its gate: a new round under the present one.

    Call in a transaction, with the release's row locked.
    """
    present = release.current_round
    if present is None or release.state not in AT_THE_GATE:
        return
    parts = present.parts | {
        "policy_version": release.function.policy_version,
        "rules": rules_for(release).as_parts,
    }
    close_round(present, because, origin=origin)
    carried = {name: getattr(present, name) for name in OBSERVED}
    opened, _ = open_round(release, parts, origin=origin, **carried)
    if release.state == ReleaseState.APPROVED:
        said = {"required": opened.rules.who}
        transition(release, ReleaseState.AWAITING_APPROVAL, by=None, origin=origin, said=said)
