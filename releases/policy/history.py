"""Who may read the history, keep views of it and take it away."""

from __future__ import annotations

from accounts.models import User
from releases.models import AuditExport, AuditView, sees_everything
from releases.models.grants import scope_of
from releases.policy.decision import Decision, no
from releases.policy.functions import can_view


def can_see_audit(user: User) -> Decision:
    return can_view(user)


def can_export_audit(user: User) -> Decision:
    return can_see_audit(user)


def can_change_view(user: User, view: AuditView) -> Decision:
    if view.person_id != user.pk:
        return no(f"This is the view of {view.person.name}. Save one of your own.")
    return can_see_audit(user)


def can_download_export(user: User, export: AuditExport) -> Decision:
    if export.person_id != user.pk:
        return no(f"This export is for {export.person.name}. Export the history yourself.")
    if export.scope != scope_of(user) and not sees_everything(user):
        return no("What you may see has changed since this was written. Export it once more.")
    return can_export_audit(user)
