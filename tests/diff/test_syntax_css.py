"""Every syntax colour can be read on every ground of a diff, in both themes."""

import itertools
import re
from pathlib import Path

import pytest

from releases.diff.highlight import NAMES

CSS = Path("static/css")
VARIABLE = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
SYNTAX = (CSS / "syntax.css").read_text()
COLOURS = {name: pair for name, *pair in VARIABLE.findall(SYNTAX)}
INKS = [name for name in COLOURS if name.startswith("tok-")]
GROUNDS = [name for name in COLOURS if name.startswith("diff-")]
ENOUGH = 4.5


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), [*itertools.product(INKS, GROUNDS)])
def test_colour_can_be_read(ink: str, ground: str) -> None:
    for theme in (0, 1):
        assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= ENOUGH


@pytest.mark.parametrize("ground", GROUNDS)
def test_plain_text_can_be_read(ground: str) -> None:
    tokens = {name: pair for name, *pair in VARIABLE.findall((CSS / "tokens.css").read_text())}
    for theme in (0, 1):
        assert contrast(tokens["ink"][theme], COLOURS[ground][theme]) >= ENOUGH


def test_plain_ground_is_the_surface_of_the_pages() -> None:
    tokens = {name: pair for name, *pair in VARIABLE.findall((CSS / "tokens.css").read_text())}
    assert COLOURS["diff-plain"] == tokens["surface"]


def test_every_class_that_a_line_can_have_is_coloured() -> None:
    assert {f"tok-{name}" for name in NAMES} | {"tok-hidden"} == set(INKS)
    assert all(f".{name} {{" in SYNTAX for name in INKS)
