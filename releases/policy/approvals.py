"""Whose approvals count for a round, whose never do, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from accounts.models import Role, User
from releases.models import Authorship, Function, Intake, Release, Round, Verdict, role_for
from releases.models import Decision as DecisionRow
from releases.models.grants import know_grants
from releases.models.roles import people_with
from releases.policy.decision import several
from releases.rules import Rules


def candidate_code(parts: str = "parts") -> KeyTextTransform:
    """In a query, the CodeSha256 that a round reviews; `parts` is the way to the round's parts."""
    return KeyTextTransform("code_sha256", KeyTransform("candidate", parts))


def authors_of(release: Release, round_: Round | None = None) -> dict[int, str]:
    """Everyone whose approval of this release never counts, by person id, with the reason.

    `round_` is its present round, where that was read.
    """
    authors: dict[int, str] = {release.requested_by_id: "requested this release"}
    intakes = _intakes_of(release, round_)
    for person in intakes.values_list("person_id", flat=True).distinct():
        authors.setdefault(person, "brought in these bytes")
    for row in release.authorships.all():
        authors[row.person_id] = row.because
    return authors


def _intakes_of(release: Release, round_: Round | None) -> QuerySet[Intake]:
    """Every time that somebody brought in the bytes that this release is about."""
    if round_ is None:
        present = Round.objects.filter(release=release, number=release.round_number)
        same_bytes = Q(artifact__code_sha256__in=present.values_list(candidate_code()))
    else:
        same_bytes = Q(artifact__code_sha256=round_.parts["candidate"]["code_sha256"])
    # Adopted, or `$LATEST` as it stands: there is no artifact, but the bytes came from somebody.
    known = Q(artifact=release.artifact_id) if release.artifact_id else Q()
    return Intake.objects.filter(known | same_bytes)


def _of_no_author(given: QuerySet[DecisionRow], round_: Round) -> QuerySet[DecisionRow]:
    """Those of `given` that are by nobody whom `authors_of` names, in the same query."""
    person, release = OuterRef("person"), round_.release
    return given.exclude(person=release.requested_by_id).filter(
        ~Exists(Authorship.objects.filter(release=release, person=person)),
        ~Exists(_intakes_of(release, round_).filter(person=person)),
    )


def expiry(rules: Rules) -> datetime:
    """What was decided at this moment or before has expired by now."""
    return timezone.now() - timedelta(days=rules.days)


def rules_of(release: Release, round_: Round | None) -> Rules:
    """What its present round asks for; the function's policy while there is none."""
    return round_.rules if round_ else release.function.rules


def counting_approvals(round_: Round, authors: Iterable[int] | None = None) -> list[DecisionRow]:
    """The approvals that count now: right fingerprint, not withdrawn, not expired, and given by
    somebody who is active, still has the role they gave it in, and is no author of the release.

    `authors` are those of the release, where they are known. One query, and one for grants.
    """
    given = DecisionRow.objects.filter(
        round=round_,
        verdict=Verdict.APPROVE,
        withdrawn_at__isnull=True,
        fingerprint=round_.fingerprint,
        decided_at__gt=expiry(round_.rules),
        person__is_active=True,
        role__in=round_.rules.groups,
    )
    if authors is None:
        given = _of_no_author(given, round_)
    else:
        given = given.exclude(person_id__in=list(authors))
    found = list(given.select_related("person"))
    know_grants(each.person for each in found)
    function = round_.release.function
    return [each for each in found if role_for(each.person, function) == each.role]


def tally(round_: Round, authors: Iterable[int] | None = None) -> dict[str, int]:
    """How many approvals of each group count now."""
    return Counter(each.role for each in counting_approvals(round_, authors))


def enough_approvals(round_: Round, counted: Mapping[str, int] | None = None) -> bool:
    """`counted` is what `tally` said in this very transaction, where it was asked."""
    if goes_back_freely(round_):
        return True
    return round_.rules.met_by(tally(round_) if counted is None else counted)


def goes_back_freely(round_: Round) -> bool:
    """Whether this is a rollback that needs nobody's approval: the very code of a version that
    was approved before, and the policy still lets one person roll back."""
    release = round_.release
    if not release.skips_gate or release.artifact is None:
        return False
    asked = release.requested_by
    if not asked.is_active or role_for(asked, release.function) != Role.RELEASE_MANAGER:
        return False
    same = round_.parts["candidate"]["code_sha256"] == release.artifact.code_sha256
    return same and release.function.rules.rollback < 2


def why_not(decision: DecisionRow, round_: Round, authors: dict[int, str]) -> str:
    """Why an approval of this round does not count now, as the end of a sentence about it."""
    person = decision.person
    if decision.fingerprint != round_.fingerprint:
        return "was given for another fingerprint"
    if decision.decided_at <= expiry(round_.rules):
        return "has expired"
    if not person.is_active:
        return f"does not count: {person.name} is deactivated"
    if role_for(person, round_.release.function) != decision.role:
        return f"does not count: {person.name} is no longer {_one(decision.role)}"
    if decision.role not in round_.rules.groups:
        return f"does not count: {several(decision.role)} are not asked"
    because = authors.get(person.pk)
    return f"does not count: {person.name} {because}" if because else ""


def _one(role: str) -> str:
    return {"release_manager": "a release manager", "security": "in security"}[role]


def lapsed_approvals(round_: Round) -> dict[str, str]:
    """Whose approval was given and does not count any more, and why."""
    given = round_.decisions.filter(verdict=Verdict.APPROVE, withdrawn_at__isnull=True)
    authors, rows = authors_of(round_.release, round_), list(given.select_related("person"))
    know_grants(each.person for each in rows)
    reasons = {each.person.name: why_not(each, round_, authors) for each in rows}
    return {name: reason for name, reason in reasons.items() if reason}


def eligible_approvers(function: Function, rules: Rules, authors: Iterable[int]) -> list[User]:
    """Who could approve a release of this function and of these authors at all."""
    never = set(authors)
    return [each for each in people_with(rules.groups, function) if each.pk not in never]
