"""A conflict laid out: what Sluice expected, what AWS holds now, and what is live."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from releases import configuration
from releases.actions.compare_code import approved_code, compare_code
from releases.aws.types import LATEST
from releases.models import CodeComparison, Decision, Release, Round
from releases.states import ReleaseState
from releases.views.approvals import Approvals
from releases.views.sides import Identity, Side, of_snapshot


@dataclass(frozen=True)
class Files:
    """How the code of two states differs, as far as a worker has got; `row` is None if it does
    not, or if one of them is not known."""

    title: str
    old: str
    new: str
    row: CodeComparison | None
    page: str = ""

    @property
    def state(self) -> str:
        """unknown, same, waiting, done or failed."""
        if not self.old or not self.new:
            return "unknown"
        return self.row.comparison if self.row else "same"

    @property
    def url(self) -> str:
        return self.page or (reverse("releases:comparison", args=[self.row.pk]) if self.row else "")


@dataclass(frozen=True)
class Conflict:
    """`expected` is what `$LATEST` should hold; `package` the code that was approved, where that
    is something else: review comes first, and nothing is staged yet."""

    expected: Side
    package: Side | None
    now: Side
    live: Side
    settings: list[configuration.Row]
    live_before: str
    live_now: str
    lapsed: list[Decision]
    files: list[Files]

    @property
    def code_moved(self) -> bool:
        return self.expected.code_sha256 != self.now.code_sha256

    @property
    def revision_moved(self) -> bool:
        return self.expected.revision_id != self.now.revision_id

    @property
    def live_moved(self) -> bool:
        return self.live_before != self.live_now

    @property
    def only_live_moved(self) -> bool:
        return self.live_moved and not self.code_moved and not self.settings

    @property
    def now_is_package(self) -> bool:
        return self.package is not None and self.package.code_sha256 == self.now.code_sha256

    @property
    def overwrites(self) -> bool:
        """Whether staging again would put other code over what is on `$LATEST` now."""
        ours = self.package or self.expected
        return ours.code_sha256 != self.now.code_sha256


def conflict(
    release: Release, round_: Round | None, identity: Identity, approvals: Approvals
) -> Conflict | None:
    if release.state != ReleaseState.CONFLICT:
        return None
    expected = _expected(release, round_, identity)
    held, now, live = (side.configuration for side in (expected, identity.latest, identity.live))
    table = configuration.rows(held, now, live)
    lapsed = [each.decision for each in approvals.given if not each.is_rejection]
    if not lapsed and approvals.lapsed:
        lapsed = approvals.lapsed[0].approvals
    return Conflict(
        expected=expected,
        package=_package(release, identity, expected),
        now=identity.latest,
        live=identity.live,
        settings=[row for row in table if row.differs],
        live_before=_was_live(round_),
        live_now=_is_live(release),
        lapsed=lapsed,
        files=_files(release, round_, identity),
    )


def _files(release: Release, round_: Round | None, identity: Identity) -> list[Files]:
    """The two differences that people ask for; without a live alias `$LATEST` is what is live."""
    function, now = release.function, identity.latest.code_sha256
    approved, live = approved_code(release, round_), identity.live.code_sha256
    rows = compare_code(function, (approved, now), (live, now))
    found = [Files("Approved → now in AWS", approved, now, rows.get((approved, now)))]
    if function.live_alias and live:
        page = reverse("releases:compare", args=[function.pk])
        query = urlencode({"old": function.live_version, "new": LATEST})
        row = rows.get((live, now))
        found.append(Files("Live → now in AWS", live, now, row, f"{page}?{query}"))
    return found


def _package(release: Release, identity: Identity, expected: Side) -> Side | None:
    """The package under review, where it is not what `$LATEST` was expected to hold already."""
    if release.artifact is None or identity.candidate.code_sha256 == expected.code_sha256:
        return None
    return identity.candidate


def _expected(release: Release, round_: Round | None, identity: Identity) -> Side:
    """What should have been on `$LATEST`: what we staged, else what the check read."""
    if release.staged:
        return of_snapshot(release.staged, "Expected", f"staged by {release.reference}")
    if round_ and round_.checked:
        return of_snapshot(round_.checked, "Expected", "read by the check")
    return replace(identity.candidate, title="Expected")


def _was_live(round_: Round | None) -> str:
    baseline = (round_.parts.get("baseline") or {}) if round_ else {}
    return _routing(str(baseline.get("version") or ""), baseline.get("weights") or {})


def _is_live(release: Release) -> str:
    if not release.target_alias:
        return _routing(LATEST, {})
    function = release.function
    return _routing(str(function.live_version or ""), function.live_weights)


def _routing(version: str, weights: dict[str, float]) -> str:
    if not version:
        return "no live version"
    shares = [f"{share:.0%} on v{other}" for other, share in sorted(weights.items())]
    return ", ".join([version if version == LATEST else f"v{version}", *shares])
