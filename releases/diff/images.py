"""Two container images side by side: digests, tags, and layers where they are known."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from releases.packages.sizes import in_words


@dataclass(frozen=True)
class Layer:
    digest: str
    size: int = 0


@dataclass(frozen=True)
class Image:
    """An image by its digest; `layers` from the bottom up, None where nobody told them."""

    digest: str
    tag: str = ""
    layers: tuple[Layer, ...] | None = None


class LayerKind(enum.Enum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class LayerRow:
    kind: LayerKind
    layer: Layer


@dataclass(frozen=True)
class ImageDiff:
    """What the page shows; `rows` is empty where a side's layers are not known."""

    old: Image | None
    new: Image
    rows: tuple[LayerRow, ...]

    @property
    def is_same(self) -> bool:
        return self.old is not None and self.old.digest == self.new.digest

    @property
    def is_tag_moved(self) -> bool:
        """The same tag names another image now: the tag alone would not have shown it."""
        return bool(self.old and self.old.tag and self.old.tag == self.new.tag) and not self.is_same

    @property
    def sentence(self) -> str:
        if self.old is None:
            return "first image"
        if self.is_same:
            return "nothing to release"
        if not self.rows:
            return "another image, whose layers are not known"
        counts = {kind: self._layers(kind) for kind in LayerKind}
        added, removed = counts[LayerKind.ADDED], counts[LayerKind.REMOVED]
        if not added and not removed:
            return "the same layers, new image digest"
        words = [f"{len(counts[LayerKind.SAME])} of {len(self.new.layers or ())} layers the same"]
        if added:
            size = sum(layer.size for layer in added)
            words.append(f"{len(added)} added" + (f" ({in_words(size)})" if size else ""))
        if removed:
            words.append(f"{len(removed)} removed")
        return ", ".join(words)

    def _layers(self, kind: LayerKind) -> list[Layer]:
        return [row.layer for row in self.rows if row.kind is kind]


def compare_images(old: Image | None, new: Image) -> ImageDiff:
    if old is None or old.layers is None or new.layers is None:
        return ImageDiff(old, new, ())
    return ImageDiff(old, new, tuple(_rows(old.layers, new.layers)))


def _rows(old: tuple[Layer, ...], new: tuple[Layer, ...]) -> Iterator[LayerRow]:
    before, after = ([layer.digest for layer in layers] for layers in (old, new))
    # Images have at most 127 layers, which difflib is quick enough for.
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, o1, o2, n1, n2 in matcher.get_opcodes():
        if tag == "equal":
            yield from (LayerRow(LayerKind.SAME, layer) for layer in new[n1:n2])
        else:
            yield from (LayerRow(LayerKind.REMOVED, layer) for layer in old[o1:o2])
            yield from (LayerRow(LayerKind.ADDED, layer) for layer in new[n1:n2])
