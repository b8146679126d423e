"""Who may comment, and remove a comment."""

from __future__ import annotations

from accounts.models import Role, User
from releases.models import Comment, Release
from releases.policy.decision import COMMENTERS, YES, Decision, by_role, no


def can_comment(user: User, release: Release) -> Decision:
    """Everybody who takes part, in any state: what is learned later belongs there, too."""
    if not user.is_active or user.role in COMMENTERS:
        return by_role(user, COMMENTERS, "comment")
    who = Role(user.role).label.lower()
    return no(f"You read along as {who}. Ask an administrator for a role that takes part.")


def can_remove_comment(user: User, comment: Comment) -> Decision:
    if user.pk != comment.author_id:
        return no("Only its author can remove a comment.")
    if comment.removed_at is not None:
        return no("This comment is removed already.")
    return YES if user.is_active else no("Your account is deactivated. Ask an administrator.")
