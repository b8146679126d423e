"""Template tags: how hashes, times, sizes and states are written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from releases.policy import Decision
from releases.states import ReleaseState
from releases.templatetags import sluice
from releases.templatetags.looks import LOOKS, hash_bytes

CODE = "s2Jv3OzQ3qqpLPHnCyxSIF43IgQ+NQQ85s/RjMX7ruA="


def test_every_release_state_has_a_look() -> None:
    assert set(LOOKS[ReleaseState]) == set(ReleaseState)


@pytest.mark.parametrize("state", ReleaseState)
def test_a_badge_has_a_word_and_an_icon(state: ReleaseState) -> None:
    badge = sluice.state_badge(state.value)
    assert state.label in badge
    assert "<svg" in badge


def test_equal_hashes_draw_the_same_skyline_in_hex_and_base64() -> None:
    assert sluice.skyline(CODE) == sluice.skyline(hash_bytes(CODE).hex())
    assert sluice.skyline(CODE).count("<rect") == 32


def test_what_is_no_hash_draws_nothing() -> None:
    assert sluice.skyline("not a hash!") == ""


def test_short_hashes_keep_both_ends() -> None:
    assert sluice.short_hash(CODE) == "s2Jv3OzQ…7ruA="


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=8), "8 s ago"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=2, minutes=6), "2 h 06 min ago"),
    ],
)
def test_times_are_relative_up_to_a_day(age: timedelta, words: str) -> None:
    moment = timezone.now() - age
    shown = sluice.ago(moment)
    assert f">{words}</time>" in shown
    assert f'title="{moment:%Y-%m-%d %H:%M:%S} UTC"' in shown


def test_older_times_are_dates() -> None:
    assert "ago</time>" not in sluice.ago(timezone.now() - timedelta(days=2))


@pytest.mark.parametrize(
    ("count", "words"),
    [(900, "900 B"), (1536, "1.50 KB"), (52_428_800, "50.00 MB")],
)
def test_sizes_use_the_units_of_the_aws_limits(count: int, words: str) -> None:
    assert f">{words}<" in sluice.size(count)


def test_a_refused_button_carries_its_reason() -> None:
    context = sluice.decision_button(Decision(False, "You requested it."), "Approve")
    assert context["decision"].reason == "You requested it."
