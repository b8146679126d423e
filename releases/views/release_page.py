"""What the release page shows, as one typed whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from releases import configuration, policy, rollback_policy
from releases.holds import Frozen
from releases.models import AuditEvent, Authorship, AwsCall, Hold, Release, Round
from releases.states import ReleaseState
from releases.views import approvals, change_card, conflict, release_steps, sides
from releases.views.audit_rows import Line, lines
from releases.views.comment_threads import Comments
from releases.views.offers import Offer
from releases.views.put_backs import UndoOffer
from releases.views.queue import Place, Supersedable
from releases.views.who import Who

SETTINGS_SHOWN = 6


@dataclass(frozen=True)
class May:
    """What this person may do with this release, each with its reason if not."""

    approve: policy.Decision
    reject: policy.Decision
    withdraw_approval: policy.Decision
    cancel: policy.Decision
    request_draft: policy.Decision
    retry: policy.Decision
    resolve_conflict: policy.Decision
    refresh: policy.Decision
    comment: policy.Decision
    reschedule: policy.Decision
    override_freeze: policy.Decision

    @classmethod
    def of(cls, user: User, release: Release) -> May:
        return cls(
            approve=policy.can_approve(user, release),
            reject=policy.can_reject(user, release),
            withdraw_approval=policy.can_withdraw_approval(user, release),
            cancel=policy.can_cancel(user, release),
            request_draft=policy.can_request_draft(user, release),
            retry=policy.can_retry(user, release),
            resolve_conflict=policy.can_resolve_conflict(user, release),
            refresh=policy.can_refresh_function(user, release.function),
            comment=policy.can_comment(user, release),
            reschedule=policy.can_reschedule(user, release),
            override_freeze=rollback_policy.can_override_freeze(user, release),
        )


@dataclass(frozen=True)
class Calls:
    shown: list[AwsCall]
    count: int

    @property
    def hidden_count(self) -> int:
        return self.count - len(self.shown)

    @property
    def span_days(self) -> bool:
        """Whether a time of day alone would not say when."""
        today = timezone.localdate()
        return any(timezone.localdate(call.sent_at) != today for call in self.shown)


@dataclass(frozen=True)
class ReleasePage:
    release: Release
    round: Round | None
    may: May
    rail: list[release_steps.RailStep]
    identity: sides.Identity
    approvals: approvals.Approvals
    settings: list[configuration.Row]
    changes: change_card.ChangeCard
    calls: Calls
    events: list[AuditEvent]
    blocked_by: Release | None
    blocks: list[Release]
    conflict: conflict.Conflict | None
    who: Who | None
    authorships: list[Authorship]
    shown_fingerprint: str
    since_shown: list[AuditEvent]
    publish_was_sent: bool
    comments: Comments
    place: Place | None
    hold: Hold | None
    roll_back: policy.Decision
    supersedable: list[Supersedable]
    frozen: Frozen | None
    offers: list[Offer]
    promoted_from: Release | None
    promoted_to: list[Release]
    undo: UndoOffer | None

    @property
    def event_lines(self) -> list[Line]:
        return lines(self.events)

    @property
    def waits_until(self) -> datetime | None:
        """Approved, and only its time has not come."""
        wanted = self.release.not_before
        waits = self.release.state == ReleaseState.APPROVED and wanted and wanted > timezone.now()
        return wanted if waits else None

    @property
    def last_approval_waits_for(self) -> str:
        """What keeps it although it is approved: `hold`, `freeze` or `time`; empty for nothing."""
        wanted = self.release.not_before
        if self.hold and self.release.rolls_back_to is None:
            return "hold"
        if self.frozen:
            return "freeze"
        return "time" if wanted and wanted > timezone.now() else ""

    @property
    def approve_from(self) -> datetime | None:
        """From when on an approval still counts at the chosen time; None if those of now do."""
        wanted = self.release.not_before
        if wanted is None:
            return None
        first = wanted - timedelta(days=self.approvals.policy.days)
        return first if first > timezone.now() else None

    @property
    def expires_first(self) -> datetime | None:
        """When the first approval that counts expires, if that is before the chosen time."""
        ends = [each.expires_at for each in self.approvals.given if each.expires_at]
        first, wanted = min(ends, default=None), self.release.not_before
        return first if first and wanted and first <= wanted else None

    @property
    def may_supersede(self) -> policy.Decision | None:
        """None if there is nothing to supersede."""
        return self.supersedable[0].may if self.supersedable else None

    @property
    def is_stale(self) -> bool:
        """The reader looks at another fingerprint than the present one."""
        return bool(self.shown_fingerprint) and self.shown_fingerprint != self.fingerprint

    @property
    def fingerprint(self) -> str:
        return self.round.fingerprint if self.round else ""

    @property
    def has_live_settings(self) -> bool:
        return any(row.texts[0] is not None for row in self.settings)

    @property
    def shown_settings(self) -> list[configuration.Row]:
        """What changed, and a few more so that the table is not bare; all if nothing is live."""
        most = max(self.changed_settings, SETTINGS_SHOWN)
        return self.settings[:most] if self.has_live_settings else self.settings

    @property
    def unchanged_settings(self) -> list[configuration.Row]:
        return self.settings[len(self.shown_settings) :]

    @property
    def changed_settings(self) -> int:
        return sum(row.differs for row in self.settings)
