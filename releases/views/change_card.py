"""The card "What will go live" of the release page, in whatever state its comparison is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from releases import policy
from releases.diff.images import Image, ImageDiff, Layer, compare_images
from releases.models import Comparison, Release, Round
from releases.views.change_list import nodes, sections
from releases.views.compared import NotInStore, Pair, pair_of
from releases.views.diff_cache import kept
from releases.views.diff_choice import Choice


@dataclass(frozen=True)
class ChangeCard:
    """`shown` is what the reader's open page has of it, if they have it open."""

    release: Release
    round: Round | None
    choice: Choice
    may_compare_again: policy.Decision
    shown: str = ""

    @property
    def token(self) -> str:
        """What this card shows; a page that shows the same is left alone."""
        if self.round is None:
            return "none"
        return f"{self.round.pk}.{self.round.comparison}.{len(self.round.comparison_problem)}"

    @property
    def is_news(self) -> bool:
        return self.shown != self.token

    @property
    def state(self) -> str:
        """none, waiting, failed, image, same, files or lost."""
        if self.round is None:
            return "none"
        if self.round.comparison != Comparison.DONE:
            return self.round.comparison
        if self.release.is_image:
            return "image" if self.images else "same"
        if self.pair is None:
            return "same"
        return "files" if self.body else "lost"

    @cached_property
    def pair(self) -> Pair | None:
        return pair_of(self.release, self.round)

    @cached_property
    def body(self) -> SafeString:
        """Tree and sections; empty if a package is no longer in the store."""
        pair = self.pair
        if pair is None:
            return SafeString("")
        try:
            return kept(("body", self.release.pk, pair, self.choice), self._body)
        except NotInStore:
            return SafeString("")

    def _body(self) -> SafeString:
        assert self.pair is not None  # noqa: S101 - asked before
        tree = self.pair.tree
        data = {
            "release": self.release,
            "choice": self.choice,
            "listing": sections(tree),
            "tree": nodes(self.pair),
            "unchanged": tree.unchanged,
        }
        return mark_safe(render_to_string("changes/_body.html", data))  # noqa: S308

    @property
    def lines(self) -> dict[str, int] | None:
        """How many are added and removed in all, if the job could count them."""
        counts = self.round.counts if self.round else {}
        found: dict[str, int] | None = counts.get("lines")
        return found if found and (found["added"] or found["removed"]) else None

    @property
    def images(self) -> ImageDiff | None:
        """The two images, as the job found them."""
        found = self.round.counts if self.round else {}
        new = _image(found.get("new"))
        return compare_images(_image(found.get("old")), new) if new else None


def _image(kept: dict[str, Any] | None) -> Image | None:
    if kept is None:
        return None
    layers = kept["layers"] and tuple(Layer(*each) for each in kept["layers"])
    return Image(kept["digest"], kept["tag"], layers)
