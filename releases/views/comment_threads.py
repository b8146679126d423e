"""Comments as the release page lists them: those on the whole, and those on lines with a link."""

from __future__ import annotations

from dataclasses import dataclass

from releases.models import Comment, Release
from releases.views.line_threads import Present

SHOWN = 200


@dataclass(frozen=True)
class Said:
    """A comment; `is_gone` if it is about a line that the present difference does not have."""

    comment: Comment
    is_gone: bool


@dataclass(frozen=True)
class Comments:
    """All that was said about a release, oldest first; of very many, the newest ones."""

    shown: list[Said]
    count: int

    @property
    def hidden_count(self) -> int:
        return self.count - len(self.shown)

    @property
    def newest(self) -> Comment | None:
        return self.shown[-1].comment if self.shown else None


def comments_of(release: Release, present: Present, *, most: int = SHOWN) -> Comments:
    """One query while nothing is left out, two otherwise."""
    said = Comment.objects.filter(release=release)
    newest = list(said.with_people().order_by("-pk")[: most + 1])
    count = len(newest) if len(newest) <= most else said.count()
    shown = [Said(comment, present.is_gone(comment)) for comment in newest[:most][::-1]]
    return Comments(shown, count)
