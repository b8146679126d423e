"""Who may comment, and remove a comment."""

from __future__ import annotations

from accounts.models import User
from releases.models import Comment, Release, role_of
from releases.policy import matrix
from releases.policy.decision import YES, Decision, by_right, no


def can_comment(user: User, release: Release) -> Decision:
    """Everybody who takes part, in any state: what is learned later belongs there, too."""
    role = role_of(user, release.function)
    if not user.is_active or role in matrix.COMMENT.roles:
        return by_right(user, matrix.COMMENT, release.function)
    who = role.label.lower()
    return no(f"You read along as {who}. Ask an administrator for a role that takes part.")


def can_remove_comment(user: User, comment: Comment) -> Decision:
    if user.pk != comment.author_id:
        return no("Only its author can remove a comment.")
    if comment.removed_at is not None:
        return no("This comment is removed already.")
    return YES if user.is_active else no("Your account is deactivated. Ask an administrator.")
