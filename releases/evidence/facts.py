"""What is known of a release besides its events: the review, the version, the calls to AWS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from releases.evidence.approvals import Approval
from releases.models import AuditEvent, AwsCall, LivePeriod, Release, Round
from releases.states import ReleaseState

MOST_CALLS, MOST_PERIODS = 200, 100


@dataclass(frozen=True)
class Call:
    """One write to AWS; CloudTrail of the account knows it by the request id."""

    at: datetime
    operation: str
    status: str
    request_id: str


@dataclass(frozen=True)
class Review:
    """What approvals were given for, and under which policy. No setting's value is in it.

    Fingerprint, code and policy are as the history has them, which is sealed; what it did not
    keep when the review was opened is as the review's row has it.
    """

    number: int
    fingerprint: str
    code_sha256: str
    live_before: str
    summary: str
    policy: str
    policy_version: int


@dataclass(frozen=True)
class Lived:
    version: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Facts:
    release: Release
    review: Review | None
    approvals: Sequence[Approval]
    calls: Sequence[Call]
    # What was live from then on, as far as Sluice saw: whoever moved the alias.
    lived: Sequence[Lived]

    @property
    def state(self) -> str:
        return ReleaseState(self.release.state).label

    @property
    def requested_by(self) -> str:
        return self.release.requested_by.name

    @property
    def version_arn(self) -> str:
        number = self.release.version_number
        return f"{self.release.function.arn}:{number}" if number else ""


def facts_of(
    releases: Collection[int],
    approvals: Mapping[int, list[Approval]],
    opened: Mapping[int, AuditEvent],
) -> list[Facts]:
    """In the order of their numbers; `opened` has the event of the last review of each.

    Four queries.
    """
    found = Release.objects.filter(pk__in=releases).for_list().order_by("pk")
    rounds: dict[int, Round] = {}
    for each in Round.objects.filter(release__in=releases).order_by("number"):
        rounds[each.release_id] = each
    calls: dict[int, list[Call]] = defaultdict(list)
    rows = AwsCall.objects.filter(release__in=releases, is_write=True).order_by("pk")
    for row in rows:
        made = calls[row.release_id or 0]
        if len(made) < MOST_CALLS:
            made.append(Call(row.sent_at, row.operation, row.status, row.request_id))
    rows_of_releases = list(found)
    lived = _lived(rows_of_releases)
    return [
        Facts(
            release=release,
            review=_review(rounds.get(release.pk), opened.get(release.pk)),
            approvals=approvals.get(release.pk, []),
            calls=calls[release.pk],
            lived=lived[release.pk][:MOST_PERIODS],
        )
        for release in rows_of_releases
    ]


def _review(found: Round | None, opened: AuditEvent | None) -> Review | None:
    if found is None:
        return None
    sealed = opened.data if opened else {}
    base = found.parts.get("baseline", {})
    shares = base.get("weights", {}).items()
    weights = "".join(f", {share:.0%} to v{version}" for version, share in shares)
    version = base.get("version", "")
    shown = version if version.startswith("$") else f"v{version}"
    return Review(
        number=found.number,
        fingerprint=sealed.get("fingerprint", found.fingerprint),
        code_sha256=sealed.get(
            "code_sha256", found.parts.get("candidate", {}).get("code_sha256", "")
        ),
        live_before=f"{shown}{weights}" if version else "no alias",
        summary=found.summary,
        policy=sealed.get("policy", found.rules.words),
        policy_version=sealed.get("policy_version", found.parts.get("policy_version", 0)),
    )


def _lived(releases: list[Release]) -> dict[int, list[Lived]]:
    """From when each was published on, the newest first."""
    ended = {each.pk: each for each in releases if each.state == ReleaseState.RELEASED}
    found: dict[int, list[Lived]] = defaultdict(list)
    if not ended:
        return found
    first = min(each.created_at for each in ended.values())
    functions = {each.function_id for each in ended.values()}
    periods = LivePeriod.objects.filter(function__in=functions, since__gte=first).order_by("pk")
    for period in periods:
        for release in ended.values():
            same = period.function_id == release.function_id
            if (
                same
                and period.since >= release.created_at
                and len(found[release.pk]) < MOST_PERIODS
            ):
                found[release.pk].append(Lived(period.number, period.since, period.until))
    return found
