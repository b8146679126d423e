"""The card that shows a comparison, in whatever state it is: "What will go live", for one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from releases import policy
from releases.diff.images import Image, ImageDiff, Layer, compare_images
from releases.models import Compared, Comparison
from releases.views.change_list import nodes, sections
from releases.views.compared import NotInStore, Pair
from releases.views.diff_cache import kept
from releases.views.diff_choice import Choice
from releases.views.subjects import Subject


@dataclass(frozen=True)
class ChangeCard:
    """`shown` is what the reader's open page has of it, if they have it open."""

    subject: Subject
    row: Compared | None
    pair: Pair | None
    is_image: bool
    choice: Choice
    may_compare_again: policy.Decision
    shown: str = ""

    @property
    def token(self) -> str:
        """What this card shows; a page that shows the same is left alone."""
        if self.row is None:
            return "none"
        return f"{self.row.pk}.{self.row.comparison}.{len(self.row.comparison_problem)}"

    @property
    def is_news(self) -> bool:
        return self.shown != self.token

    @property
    def state(self) -> str:
        """none, waiting, failed, image, same, files or lost."""
        if self.row is None:
            return "none"
        if self.row.comparison != Comparison.DONE:
            return self.row.comparison
        if self.is_image:
            return "image" if self.images else "same"
        if self.pair is None:
            return "same"
        return "files" if self.body else "lost"

    @cached_property
    def body(self) -> SafeString:
        """Tree and sections; empty if a package is no longer in the store."""
        pair = self.pair
        if pair is None:
            return SafeString("")
        try:
            return kept(("body", self.subject.changes, pair, self.choice), self._body)
        except NotInStore:
            return SafeString("")

    def _body(self) -> SafeString:
        assert self.pair is not None  # noqa: S101 - asked before
        tree = self.pair.tree
        data = {
            "subject": self.subject,
            "choice": self.choice,
            "listing": sections(tree),
            "tree": nodes(self.pair),
            "unchanged": tree.unchanged,
        }
        return mark_safe(render_to_string("changes/_body.html", data))  # noqa: S308

    @property
    def lines(self) -> dict[str, int] | None:
        """How many are added and removed in all, if the job could count them."""
        counts = self.row.counts if self.row else {}
        found: dict[str, int] | None = counts.get("lines")
        return found if found and (found["added"] or found["removed"]) else None

    @property
    def images(self) -> ImageDiff | None:
        """The two images, as the job found them."""
        found = self.row.counts if self.row else {}
        new = _image(found.get("new"))
        return compare_images(_image(found.get("old")), new) if new else None


def _image(kept: dict[str, Any] | None) -> Image | None:
    if kept is None:
        return None
    layers = kept["layers"] and tuple(Layer(*each) for each in kept["layers"])
    return Image(kept["digest"], kept["tag"], layers)
