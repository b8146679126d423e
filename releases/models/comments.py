"""Comments: what people say about a release, or about one line of a file in it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from releases.models.releases import Release
from releases.models.scoped import ScopedQuerySet

LONGEST_TEXT = 10_000


class LineSide(models.TextChoices):
    """Which of the two compared files a line number counts in."""

    OLD = "old", "old"
    NEW = "new", "new"


class CommentQuerySet(ScopedQuerySet["Comment"]):
    way = "release__function_id"

    def with_people(self) -> CommentQuerySet:
        return self.select_related("author")

    def on_lines(self) -> CommentQuerySet:
        return self.filter(line__isnull=False)


class Comment(models.Model):
    """Markdown as it was typed. Written once, never edited; removed by its author alone.

    `path`, `side` and `line` are set together or not at all. Removing clears the text, because
    it may hold what should never have been written; that there was one, and whose, stays.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="comments")
    round_number = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments")
    text = models.TextField(max_length=LONGEST_TEXT, blank=True)
    path = models.CharField(max_length=1024, blank=True)
    side = models.CharField(max_length=3, choices=LineSide, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    written_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(path="", side="", line__isnull=True)
                | (~Q(path="") & Q(side__in=LineSide.values, line__gte=1)),
                name="a_line_has_its_file_and_side",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) & ~Q(text="")
                | Q(removed_at__isnull=False, text=""),
                name="removed_means_without_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author} on {self.release.reference}"

    @property
    def place(self) -> str:
        """Where it stands, in words; empty for a comment on the release as a whole."""
        return place_of(self.path, self.side, self.line)


def place_of(path: str, side: str, line: int | None) -> str:
    if line is None:
        return ""
    return f"{'old line' if side == LineSide.OLD else 'line'} {line} of {path}"
