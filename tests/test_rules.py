"""Rules as values: what is enough, and which changes are a way round them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.rules import Group, Rules, loosens

COUNTS = st.integers(0, 4)
DAYS = st.integers(1, 30)
POLICIES = st.builds(Rules, COUNTS, COUNTS, DAYS).filter(lambda rules: rules.total > 0)
# Each approval: the group it was given for, and how many days ago.
APPROVALS = st.lists(st.tuples(st.sampled_from(list(Group)), st.integers(0, 31)), max_size=10)


def enough(rules: Rules, approvals: list[tuple[Group, int]]) -> bool:
    return rules.met_by(Counter(group for group, age in approvals if age < rules.days))


@given(POLICIES, POLICIES, APPROVALS)
def test_only_a_loosening_makes_approvals_enough_that_were_not(
    before: Rules, after: Rules, approvals: list[tuple[Group, int]]
) -> None:
    if not loosens(before, after):
        assert enough(before, approvals) or not enough(after, approvals)


@given(POLICIES, POLICIES)
def test_every_loosening_has_approvals_that_only_it_accepts(before: Rules, after: Rules) -> None:
    exactly = [(group, after.days - 1) for group in Group for _ in range(after.needs(group))]
    assert enough(after, exactly)
    assert enough(before, exactly) is not loosens(before, after)


@given(POLICIES, POLICIES, POLICIES)
def test_no_chain_of_tightenings_loosens(one: Rules, two: Rules, three: Rules) -> None:
    if not loosens(one, two) and not loosens(two, three):
        assert not loosens(one, three)


@given(POLICIES, POLICIES)
def test_the_stricter_of_both_loosens_neither(one: Rules, two: Rules) -> None:
    both = one.at_least(two)
    assert not loosens(one, both) and not loosens(two, both)


@given(POLICIES)
def test_the_fingerprint_carries_them_whole(rules: Rules) -> None:
    assert Rules.of_parts(rules.as_parts) == rules


@given(POLICIES, POLICIES)
def test_words_and_parts_differ_where_rules_do(one: Rules, two: Rules) -> None:
    assert (one == two) is (one.words == two.words) is (one.as_parts == two.as_parts)


@given(POLICIES)
def test_one_more_is_never_looser(rules: Rules) -> None:
    assert rules.one_more().total == rules.total + 1
    assert not loosens(rules, rules.one_more())


@pytest.mark.parametrize(
    ("after", "is_looser"),
    [
        (Rules(2, 1, 7), False),
        (Rules(3, 1, 7), False),
        (Rules(2, 1, 3), False),
        (Rules(1, 1, 7), True),
        (Rules(2, 0, 7), True),
        (Rules(5, 0, 1), True),
        (Rules(2, 1, 7, rollback=2), False),
        (Rules(2, 1, 8), True),
    ],
)
def test_which_changes_are_looser(after: Rules, is_looser: bool) -> None:
    assert loosens(Rules(2, 1, 7), after) is is_looser


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (Rules(), "1 release manager, not an author; approvals last 7 days"),
        (
            Rules(2, 1),
            "2 release managers and 1 security, none of them an author; approvals last 7 days",
        ),
        (Rules(0, 2, 1), "2 security, none of them an author; approvals last 1 day"),
    ],
)
def test_a_policy_in_words(rules: Rules, words: str) -> None:
    assert rules.words == words


def test_more_of_one_group_does_not_stand_in_for_another() -> None:
    counted = {"release_manager": 5}
    assert Rules(2, 1).missing(counted) == {Group.SECURITY: 1}
    assert Rules(2, 1).given(counted) == 2
