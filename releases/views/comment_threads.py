"""Comments as pages show them: on the release as a whole, and line by line."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import User
from releases import policy
from releases.models import Comment, Release
from releases.models.comments import place_of

Anchor = tuple[str, str, int]
SHOWN = 200


@dataclass(frozen=True)
class Comments:
    """All that was said about a release, oldest first; of very many, the newest ones."""

    shown: list[Comment]
    count: int

    @property
    def hidden_count(self) -> int:
        return self.count - len(self.shown)

    @property
    def newest(self) -> Comment | None:
        return self.shown[-1] if self.shown else None


@dataclass(frozen=True)
class Thread:
    """What was said about one line. `key` is safe as part of an element's id."""

    release: Release
    path: str
    side: str
    line: int
    comments: list[Comment]
    may: policy.Decision

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.path}\0{self.side}\0{self.line}".encode()).hexdigest()[:12]

    @property
    def place(self) -> str:
        return place_of(self.path, self.side, self.line)


def comments_of(release: Release, *, most: int = SHOWN) -> Comments:
    """One query while nothing is left out, two otherwise."""
    said = Comment.objects.filter(release=release)
    newest = list(said.with_people().order_by("-pk")[: most + 1])
    count = len(newest) if len(newest) <= most else said.count()
    return Comments(newest[:most][::-1], count)


def line_comments_of(release: Release) -> dict[Anchor, list[Comment]]:
    """Every comment on a line of a release, by (path, side, line). One query."""
    found: dict[Anchor, list[Comment]] = defaultdict(list)
    for comment in Comment.objects.filter(release=release).on_lines().with_people():
        assert comment.line is not None  # noqa: S101 - on_lines
        found[comment.path, comment.side, comment.line].append(comment)
    return dict(found)


def thread(
    release: Release, user: User, path: str, side: str, line: int,
    said: Mapping[Anchor, list[Comment]],
) -> Thread:  # fmt: skip
    may = policy.can_comment(user, release)
    return Thread(release, path, side, line, said.get((path, side, line), []), may)
