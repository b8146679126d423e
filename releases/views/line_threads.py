"""What was said about lines of the present difference, to be laid over it in the browser.

The difference's HTML is kept by its content alone, so nothing of this may get into it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from accounts.models import User
from releases import policy
from releases.models import Comment, Comparison, LineSide, Release, Round
from releases.models.comments import place_of
from releases.views.compared import NotInStore, Pair, pair_of


class Present:
    """Where the lines of earlier rounds are now: a line is the same only in the same package."""

    def __init__(self, release: Release, rounds: Iterable[Round]) -> None:
        self._parts = {each.number: each for each in rounds}
        self.round = self._parts.get(release.round_number)
        self._release = release

    def number_of(self, comment: Comment) -> int | None:
        """Where the comment's file stands in the list; None if its line is not to be seen now."""
        return self._number(comment.path) if self._is_same(comment) else None

    def is_gone(self, comment: Comment) -> bool:
        """Said about a line that the present difference does not have."""
        if comment.line is None:
            return False
        # Until it is compared, nobody knows which files differ.
        return not self._is_same(comment) or (
            self.comparison == Comparison.DONE and self._number(comment.path) is None
        )

    @property
    def comparison(self) -> str:
        return self.round.comparison if self.round else ""

    def _is_same(self, comment: Comment) -> bool:
        present = self._package(self._release.round_number, comment.side)
        return self._package(comment.round_number, comment.side) == present

    def _package(self, number: int, side: str) -> str:
        round_ = self._parts.get(number)
        if round_ is None:
            return ""
        part = round_.parts["baseline" if side == LineSide.OLD else "candidate"]
        return str(part.get("code_sha256", ""))

    def _number(self, path: str) -> int | None:
        try:
            return self._pair.number_of(path) if self._pair else None
        except (KeyError, NotInStore):
            return None

    @cached_property
    def _pair(self) -> Pair | None:
        return pair_of(self._release, self.round)


@dataclass(frozen=True)
class LineThread:
    """What was said about one line; `number` is its file's place in the list."""

    path: str
    side: str
    line: int
    number: int
    comments: list[Comment]

    @property
    def key(self) -> str:
        """Safe as part of an element's id."""
        return hashlib.sha256(f"{self.path}\0{self.side}\0{self.line}".encode()).hexdigest()[:12]

    @property
    def place(self) -> str:
        return place_of(self.path, self.side, self.line)

    @property
    def token(self) -> str:
        """What an open page shows of it: one that shows the same is left alone."""
        return _token(self.comments)

    @property
    def count(self) -> int:
        return sum(comment.removed_at is None for comment in self.comments)


@dataclass(frozen=True)
class LineThreads:
    """All threads of a release, or those of one file."""

    shown: list[LineThread]
    token: str
    newest: int
    may: policy.Decision
    file: str = ""


def line_threads(release: Release, user: User, *, file: str = "") -> LineThreads:
    """Two queries, however much was said."""
    said = Comment.objects.filter(release=release).on_lines().with_people()
    comments = list(said.filter(path=file) if file else said)
    present = Present(release, release.rounds.all())
    found: dict[tuple[str, str, int, int], list[Comment]] = defaultdict(list)
    for comment in comments:
        number = present.number_of(comment)
        if comment.line is not None and number is not None:
            found[comment.path, comment.side, comment.line, number].append(comment)
    threads = [
        LineThread(path, side, line, number, each)
        for (path, side, line, number), each in found.items()
    ]
    return LineThreads(
        sorted(threads, key=lambda each: (each.number, each.path, each.line, each.side)),
        f"{release.round_number}.{present.comparison}.{_token(comments)}",
        max((comment.pk for comment in comments), default=0),
        policy.can_comment(user, release),
        file,
    )


def _token(comments: list[Comment]) -> str:
    removed = sum(comment.removed_at is not None for comment in comments)
    return f"{max((comment.pk for comment in comments), default=0)}.{removed}"
