"""What two packages are compared for, a release or a reader, and where the pages of it are."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from releases.models import CodeComparison, Release
from releases.packages.intake import hex_of
from releases.views.compared import Pair


@dataclass(frozen=True)
class Subject:
    """`home` is the page that lists the files, `changes` the one of a single file."""

    title: str
    home: str
    changes: str
    topic: str
    old: str
    new: str
    release: Release | None = None

    @property
    def file(self) -> str:
        return f"{self.changes}file/"

    @property
    def lines(self) -> str:
        return f"{self.changes}lines/"

    @property
    def more(self) -> str:
        return f"{self.changes}more/"

    @property
    def tree(self) -> str:
        return f"{self.changes}tree/"


def of_release(release: Release) -> Subject:
    return Subject(
        title=f"{release.reference} {release.function.name}",
        home=reverse("releases:release", args=[release.pk]) + "#part-changes",
        changes=reverse("releases:changes", args=[release.pk]),
        topic=f"release-{release.pk}",
        old="Live",
        new="Under review",
        release=release,
    )


def of_code(row: CodeComparison) -> Subject:
    return Subject(
        title=f"Comparison of {row.function.name}",
        home=reverse("releases:comparison", args=[row.pk]),
        changes=reverse("releases:code_changes", args=[row.pk]),
        topic=f"comparison-{row.pk}",
        old="Before",
        new="After",
    )


def code_pair(row: CodeComparison) -> Pair | None:
    """The two packages, or None for images, which have no files."""
    if row.function.package_type == "Image":
        return None
    return Pair(hex_of(row.old_sha256), hex_of(row.new_sha256))
