"""The approvals card: who approved what, which approvals count, and who could still approve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import Role, User
from releases import policy
from releases.actions.gate import AT_THE_GATE, rules_for, why_more
from releases.models import Decision, Function, Release, Round, Verdict, role_for
from releases.models.grants import know_grants
from releases.rules import Group, Rules, people


@dataclass(frozen=True)
class Given:
    """A decision of the present round. `why_not` says why an approval does not count."""

    decision: Decision
    why_not: str = ""
    expires_at: datetime | None = None

    @property
    def is_rejection(self) -> bool:
        return self.decision.verdict == Verdict.REJECT

    @property
    def counts(self) -> bool:
        return not self.why_not and not self.is_rejection


@dataclass(frozen=True)
class Lapsed:
    """A round that ended without its release, and the approvals that ended with it."""

    round: Round
    approvals: list[Decision]


@dataclass(frozen=True)
class Rule:
    """So many of one group: what they decided, and who of them could still approve."""

    group: Group
    required: int
    given: list[Given]
    eligible: list[User]

    @property
    def count(self) -> int:
        return sum(each.counts for each in self.given)

    @property
    def missing(self) -> int:
        return max(self.required - self.count, 0)

    @property
    def out_of_reach(self) -> int:
        """How many more are needed than there are people left."""
        return max(self.missing - len(self.eligible), 0)


@dataclass(frozen=True)
class Approvals:
    policy: Rules
    rules: list[Rule]
    given: list[Given]
    lapsed: list[Lapsed]
    withdrawn: list[Decision]
    # Why more is asked for than the function's policy says.
    why_more: list[str] = field(default_factory=list)
    # Asked for somebody with the role, where nobody is left.
    administrators: list[User] = field(default_factory=list)

    @property
    def required(self) -> int:
        return self.policy.total

    @property
    def count(self) -> int:
        return sum(min(rule.count, rule.required) for rule in self.rules)

    @property
    def missing(self) -> int:
        return self.required - self.count

    @property
    def is_last(self) -> bool:
        """Whether one more approval opens the gate."""
        return self.missing == 1

    @property
    def others(self) -> list[Given]:
        """Decisions of people whom the policy does not ask."""
        return [each for each in self.given if each.decision.role not in self.policy.groups]

    @property
    def cannot_be_met(self) -> bool:
        return any(rule.out_of_reach for rule in self.rules)

    @property
    def who_is_missing(self) -> str:
        short = [people(rule.out_of_reach, rule.group) for rule in self.rules if rule.out_of_reach]
        return " and ".join(short)


def approvals(
    release: Release, round_: Round | None, rounds: list[Round], decisions: Iterable[Decision]
) -> Approvals:
    decisions = list(decisions)
    standing = [each for each in decisions if each.withdrawn_at is None]
    earlier = [each for each in rounds if round_ is None or each.number < round_.number]
    rules = round_.rules if round_ else rules_for(release)
    authors = policy.authors_of(release)
    here = _here(round_, standing, authors) if round_ else []
    free = policy.eligible_approvers(release.function, rules, authors)
    shown = [_rule(group, rules, here, free, release.function) for group in rules.groups]
    administrators: list[User] = []
    if any(rule.out_of_reach for rule in shown):
        active = User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)
        administrators = list(active.order_by("first_name", "username"))
    return Approvals(
        policy=rules,
        rules=shown,
        given=here,
        lapsed=[_lapsed(each, standing) for each in reversed(earlier)],
        withdrawn=_withdrawn(decisions, round_),
        why_more=why_more(release) if rules.total > release.function.rules.total else [],
        administrators=administrators,
    )


def _rule(
    group: Group, rules: Rules, given: list[Given], free: list[User], function: Function
) -> Rule:
    expired = policy.expiry(rules)
    decided = {
        (each.decision.person_id, each.decision.role)
        for each in given
        if each.decision.decided_at > expired
    }
    left = [
        each
        for each in free
        if role_for(each, function).value == group and (each.pk, group) not in decided
    ]
    return Rule(
        group=group,
        required=rules.needs(group),
        given=[each for each in given if each.decision.role == group],
        eligible=left,
    )


def _here(round_: Round, standing: list[Decision], authors: dict[int, str]) -> list[Given]:
    counting = _counting(round_.release, round_, authors)
    know_grants(each.person for each in standing)
    return [
        _given(each, round_, counting, authors) for each in standing if each.round_id == round_.pk
    ]


def _counting(release: Release, round_: Round, authors: dict[int, str]) -> set[int]:
    if round_.closed_at:
        return set()
    if release.state not in AT_THE_GATE:
        # It went through: what expires or is lost later does not undo that.
        given = round_.decisions.filter(verdict=Verdict.APPROVE, withdrawn_at=None)
        return set(given.values_list("pk", flat=True))
    return {each.pk for each in policy.counting_approvals(round_, authors)}


def _given(decision: Decision, round_: Round, counting: set[int], authors: dict[int, str]) -> Given:
    if decision.verdict == Verdict.REJECT:
        return Given(decision)
    if decision.pk in counting:
        waits = round_.release.state in AT_THE_GATE
        until = decision.decided_at + timedelta(days=round_.approval_days)
        return Given(decision, expires_at=until if waits else None)
    if round_.closed_at:
        because = f"lapsed: {round_.closed_because}" if round_.closed_because else "lapsed"
        return Given(decision, because)
    reason = policy.why_not(decision, round_, authors) or "does not count"
    return Given(decision, reason.removeprefix("does not count: "))


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
