"""The approvals card: who approved what, which approvals count, and who could still approve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from releases import policy
from releases.actions.gate import AT_THE_GATE
from releases.models import Decision, Release, Round, Verdict


@dataclass(frozen=True)
class Given:
    """A decision of the present round. `why_not` says why an approval does not count."""

    decision: Decision
    why_not: str = ""

    @property
    def is_rejection(self) -> bool:
        return self.decision.verdict == Verdict.REJECT


@dataclass(frozen=True)
class Lapsed:
    """A round that ended without its release, and the approvals that ended with it."""

    round: Round
    approvals: list[Decision]


@dataclass(frozen=True)
class Approvals:
    required: int
    given: list[Given]
    eligible: list[User]
    lapsed: list[Lapsed]
    withdrawn: list[Decision]

    @property
    def count(self) -> int:
        return sum(not each.why_not and not each.is_rejection for each in self.given)

    @property
    def missing(self) -> int:
        return max(self.required - self.count, 0)

    @property
    def is_last(self) -> bool:
        """Whether one more approval opens the gate."""
        return self.missing == 1

    @property
    def cannot_be_met(self) -> bool:
        return self.missing > len(self.eligible)


def approvals(
    release: Release, round_: Round | None, rounds: list[Round], decisions: Iterable[Decision]
) -> Approvals:
    decisions = list(decisions)
    standing = [each for each in decisions if each.withdrawn_at is None]
    earlier = [each for each in rounds if round_ is None or each.number < round_.number]
    eligible = list(policy.eligible_approvers(release).order_by("first_name", "username"))
    here: list[Given] = []
    required = release.function.approvals_required
    if round_ is not None:
        required = round_.approvals_required
        counting = _counting(release, round_)
        here = [_given(each, round_, counting) for each in standing if each.round_id == round_.pk]
    expired = policy.expiry()
    decided = {each.decision.person_id for each in here if each.decision.decided_at > expired}
    return Approvals(
        required=required,
        given=here,
        eligible=[person for person in eligible if person.pk not in decided],
        lapsed=[_lapsed(each, standing) for each in reversed(earlier)],
        withdrawn=_withdrawn(decisions, round_),
    )


def _counting(release: Release, round_: Round) -> set[int]:
    if round_.closed_at:
        return set()
    if release.state not in AT_THE_GATE:
        # It went through: what expires or is lost later does not undo that.
        given = round_.decisions.filter(verdict=Verdict.APPROVE, withdrawn_at=None)
        return set(given.values_list("pk", flat=True))
    return set(policy.counting_approvals(round_).values_list("pk", flat=True))


def _given(decision: Decision, round_: Round, counting: set[int]) -> Given:
    if decision.pk in counting or decision.verdict == Verdict.REJECT:
        return Given(decision)
    person = decision.person
    if round_.closed_at:
        return Given(
            decision, f"lapsed: {round_.closed_because}" if round_.closed_because else "lapsed"
        )
    if decision.fingerprint != round_.fingerprint:
        return Given(decision, "was given for another fingerprint")
    if not person.is_active or person.role not in policy.APPROVERS:
        return Given(decision, f"{person.name} is no longer a release manager")
    because = policy.authors_of(round_.release).get(person.pk)
    return Given(decision, f"{person.name} {because}" if because else "has expired")


def _withdrawn(decisions: list[Decision], round_: Round | None) -> list[Decision]:
    """Approvals of this round that their givers took back."""
    return [
        each
        for each in decisions
        if round_ and each.round_id == round_.pk
        if each.withdrawn_at and each.verdict == Verdict.APPROVE
    ]


def _lapsed(round_: Round, decisions: list[Decision]) -> Lapsed:
    gone = [
        each for each in decisions if each.round_id == round_.pk and each.verdict == Verdict.APPROVE
    ]
    return Lapsed(round_, gone)
