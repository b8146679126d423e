"""Comment: say something about a release, or about one line of a file in it."""

from __future__ import annotations

import hashlib

from django.db import transaction

from accounts.models import User
from releases import policy
from releases.actions.refusal import refused
from releases.actions.validation import check_entered
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import Comment, Release
from releases.models.comments import LONGEST_TEXT

ANCHOR = ("path", "side", "line")
# PostgreSQL keeps no such character, and no person types one.
NUL = "\x00"


def comment(
    release: Release,
    *,
    by: User,
    origin: Origin,
    text: str,
    path: str = "",
    side: str = "",
    line: int | None = None,
) -> Comment:
    """Keep `text`, as Markdown. The history tells that and where, and the text's hash.

    Raises NotAllowed, and InvalidInput naming the field.
    """
    text = text.replace("\r\n", "\n").replace(NUL, "").strip()
    with refused("comment on", release, by=by, origin=origin):
        policy.require(policy.can_comment(by, release))
    if not text:
        raise InvalidInput("Write something first.", field="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            f"A comment has at most {LONGEST_TEXT:,} characters; this one has {len(text):,}.",
            field="text",
        )
    if any((path, side, line)) and not all((path, side, line)):
        raise InvalidInput("A line is named by its file, side and number.", field="line")
    with transaction.atomic():
        # Shared with other comments, not with a move: the round is the one that they see.
        locked = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
        written = Comment(
            release=release, round_number=locked.round_number, author=by, text=text,
            path=path, side=side, line=line,
        )  # fmt: skip
        check_entered(written, ANCHOR)
        written.save()
        record(
            "release.commented",
            by=by,
            origin=origin,
            release=release,
            about=named(written),
            where=where(written),
            comment=written.pk,
            round=written.round_number,
            text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        )
    return written


def where(written: Comment) -> str:
    """The end of the sentence that tells of it."""
    return f" ({written.place})" if written.place else ""
