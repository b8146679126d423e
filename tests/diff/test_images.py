"""Two images are compared by digest, tag and layers, as far as these are known."""

import pytest

from releases.diff.images import Image, Layer, LayerKind, compare_images

BASE = (Layer("os", 100), Layer("runtime", 50))
OLD = Image("sha256:1", "v1", (*BASE, Layer("code1", 5)))


def test_layers_are_listed_from_the_bottom_up() -> None:
    diff = compare_images(OLD, Image("sha256:2", "v2", (*BASE, Layer("code2", 7), Layer("cfg", 1))))
    assert [(row.kind.value, row.layer.digest) for row in diff.rows] == [
        ("same", "os"),
        ("same", "runtime"),
        ("removed", "code1"),
        ("added", "code2"),
        ("added", "cfg"),
    ]
    assert diff.sentence == "2 of 4 layers the same, 2 added (8 bytes), 1 removed"


def test_layer_that_comes_back_above_a_change_is_the_same() -> None:
    rows = compare_images(OLD, Image("sha256:2", layers=(Layer("os2"), *OLD.layers[1:]))).rows  # type: ignore[index]
    assert sum(row.kind is LayerKind.SAME for row in rows) == 2


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (None, OLD, "first image"),
        (OLD, OLD, "nothing to release"),
        (OLD, Image("sha256:2"), "another image, whose layers are not known"),
        (OLD, Image("sha256:2", layers=OLD.layers), "the same layers, new image digest"),
    ],
)
def test_sentence_says_what_is_known(old: Image | None, new: Image, sentence: str) -> None:
    assert compare_images(old, new).sentence == sentence


def test_moved_tag_is_told() -> None:
    assert compare_images(OLD, Image("sha256:2", "v1")).is_tag_moved
    assert not compare_images(OLD, OLD).is_tag_moved
