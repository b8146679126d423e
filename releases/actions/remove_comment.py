"""Remove one's own comment: its text goes, that it was there stays."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy
from releases.actions.comment import where
from releases.actions.refusal import refused
from releases.audit import Origin, named, record
from releases.errors import StaleRelease
from releases.models import Comment


def remove_comment(comment: Comment, *, by: User, origin: Origin) -> None:
    """Clear the text, once. Raises NotAllowed, and StaleRelease if it is removed already."""
    release = comment.release
    with refused("remove a comment on", release, by=by, origin=origin):
        if comment.author_id == by.pk and comment.removed_at is not None:
            raise StaleRelease("This comment is removed already.")
        policy.require(policy.can_remove_comment(by, comment))
        with transaction.atomic():
            standing = Comment.objects.filter(pk=comment.pk, removed_at=None)
            if standing.update(removed_at=timezone.now(), text="") != 1:
                raise StaleRelease("This comment was removed a moment ago.")
            record(
                "release.comment_removed",
                by=by,
                origin=origin,
                release=release,
                about=named(comment),
                where=where(comment),
                written=f"{comment.written_at:%Y-%m-%d %H:%M} UTC",
                comment=comment.pk,
            )
    comment.refresh_from_db()
