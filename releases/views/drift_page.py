"""What the page of a drift shows: what moved, how it compares, and what each choice would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from releases import configuration, drift_policy
from releases.actions.standing import ON_LATEST, routed
from releases.actions.undo_put_back import SETTINGS
from releases.models import AuditEvent, Drift, DriftKind, DriftState, Version
from releases.policy import Decision
from releases.views.put_backs import UndoOffer


@dataclass(frozen=True)
class Choices:
    """Who may do what about it; each answer explains itself."""

    adopt: Decision
    restore: Decision
    ignore: Decision


def context(drift: Drift, user: User) -> dict[str, Any]:
    """A fixed number of queries."""
    version = drift_policy.restored_version(drift)
    before, after = drift.before_configuration, drift.after_configuration
    rows = [row for row in configuration.rows(before, after) if row.differs]
    return {
        "drift": drift,
        "function": drift.function,
        "version": version,
        "settings": rows if drift.has(DriftKind.CONFIGURATION) else [],
        "code_moved": drift.has(DriftKind.CODE),
        "alias_moved": drift.has(DriftKind.ALIAS),
        "is_deleted": drift.has(DriftKind.DELETED),
        "is_recreated": drift.has(DriftKind.RECREATED),
        "live_on_latest": drift.after_version == ON_LATEST,
        "live_before": routed(drift.before_version, drift.before_weights),
        "live_after": routed(drift.after_version, drift.after_weights),
        "compare_url": compare_url(drift, version),
        "goes_back": _goes_back(drift, version),
        "undo": _undo(drift, user),
        "settings_stay": SETTINGS if _wrote_settings(drift) else "",
        "may": Choices(
            drift_policy.can_adopt_drift(user, drift),
            drift_policy.can_restore_drift(user, drift),
            drift_policy.can_ignore_drift(user, drift),
        ),
    }


def compare_url(drift: Drift, version: Version | None) -> str:
    """The file by file difference of what was released and what `$LATEST` holds."""
    if version is None or not drift.has(DriftKind.CODE, DriftKind.CONFIGURATION):
        return ""
    function = reverse("releases:function", args=[drift.function_id])
    return f"{function}compare/?{urlencode({'old': version.number, 'new': '$LATEST'})}"


def _goes_back(drift: Drift, version: Version | None) -> list[configuration.Row]:
    """What restoring would write: how `$LATEST` differs from the version that was released."""
    if version is None or not drift.has(DriftKind.CONFIGURATION):
        return []
    rows = configuration.rows(drift.after_configuration, version.configuration)
    return [row for row in rows if row.differs]


def _undo(drift: Drift, user: User) -> UndoOffer | None:
    """For what was restored by a release, as on that release's page."""
    was_restored = drift.state == DriftState.RESTORED and drift.release is not None
    return UndoOffer.of(drift.release, user) if drift.release and was_restored else None


def _wrote_settings(drift: Drift) -> bool:
    """Whether restoring wrote settings back; the row tells only what was left for a release."""
    if drift.state != DriftState.RESTORED:
        return False
    began = AuditEvent.objects.filter(function_id=drift.function_id, action="drift.restoring")
    said = began.filter(data__drift=drift.pk).values_list("data__kinds", flat=True)
    return any(DriftKind.CONFIGURATION in kinds for kinds in said)
