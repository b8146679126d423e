"""Hold and resume: nothing that callers run changes until somebody says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.actions.hold import hold
from releases.actions.resume import end_expired, resume
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.holds import hold_on
from releases.models import AuditEvent, Hold, Release
from releases.states import Gate, ReleaseState
from tests.beginnings import added
from tests.kept import kept
from tests.rollbacks import at, back, released_twice
from tests.world import HERE, World, package

GATES = pytest.mark.parametrize("gate", list(Gate))


def put_on_hold(world: World, *, by: str = "manager", **more: Any) -> Hold:
    wanted: dict[str, Any] = {"reason": "Black Friday"} | more
    return hold(world.function, by=world.people[by], origin=HERE, **wanted)


def end(world: World, held: Hold, *, by: str = "manager", **more: Any) -> None:
    wanted: dict[str, Any] = {"reason": "It is over"} | more
    resume(world.function, by=world.people[by], origin=HERE, seen=held.pk, **wanted)


@kept
def held_back(world: World, gate: Gate = Gate.REVIEW_FIRST) -> tuple[Hold, Release]:
    """What was approved while on hold, and what a worker made of that."""
    world.add(gate=gate)
    held = put_on_hold(world)
    return held, world.advance(at(world, world.request(package("two")), state="approved"))


@GATES
def test_review_and_approval_go_on_and_the_release_waits(world: World, gate: Gate) -> None:
    _, release = held_back(world, gate)
    assert release.state == ReleaseState.APPROVED
    assert release.due_at is not None
    assert (world.live(), world.versions()) == ("1", ["1"])


def test_the_history_says_for_whom_it_waits_and_says_it_once(world: World) -> None:
    _, release = held_back(world)
    for _ in range(2):
        Release.objects.filter(pk=release.pk).update(due_at=None)
        world.advance(release)
    said = AuditEvent.objects.filter(action="release.held").values_list("sentence", flat=True)
    assert list(said) == [
        f"{release.reference} of checkout is approved and waits:"
        " manager put checkout on hold: Black Friday"
    ]


def test_review_first_leaves_latest_alone(world: World) -> None:
    added(world)
    before = world.latest()["RevisionId"]
    put_on_hold(world)
    world.advance(at(world, world.request(package("two")), state="approved"))
    assert world.latest()["RevisionId"] == before


def test_resume_starts_nothing_by_itself(world: World) -> None:
    held, release = held_back(world)
    end(world, held)
    world.advance(release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert world.live() == "1"
    lapsed = AuditEvent.objects.get(action="release.approvals_lapsed")
    assert "given by manager" in lapsed.sentence


def test_resume_lets_go_what_was_chosen(world: World) -> None:
    held, release = held_back(world)
    end(world, held, lets_go=release.pk)
    world.advance(release)
    assert (release.state, world.live()) == (ReleaseState.RELEASED, "2")


def test_the_history_tells_of_both(world: World) -> None:
    added(world)
    until = timezone.now() + timedelta(days=1)
    end(world, put_on_hold(world, expires_at=until), by="second-manager")
    said = list(AuditEvent.objects.values_list("sentence", flat=True)[:2])
    assert said == [
        "second-manager resumed checkout: It is over",
        f"manager put checkout on hold until {until:%Y-%m-%d %H:%M} UTC: Black Friday",
    ]


def test_an_expired_hold_ends_by_itself_and_starts_nothing(world: World) -> None:
    added(world)
    held = put_on_hold(world, expires_at=timezone.now() + timedelta(days=1))
    release = world.advance(at(world, world.request(package("two")), state="approved"))
    assert end_expired() == 0
    Hold.objects.filter(pk=held.pk).update(expires_at=timezone.now())
    assert (end_expired(), end_expired()) == (1, 0)
    world.advance(release)
    assert (release.state, hold_on(world.function)) == (ReleaseState.AWAITING_APPROVAL, None)


def test_a_rollback_makes_a_hold_one_without_an_end(world: World) -> None:
    released_twice(world)
    held = put_on_hold(world, expires_at=timezone.now() + timedelta(days=1))
    back(world)
    standing = hold_on(world.function)
    assert standing is not None and standing.pk != held.pk
    assert standing.expires_at is None
    assert standing.reason == (
        "rollback to v1: Checkout fails (on hold before by manager: Black Friday)"
    )


def test_a_hold_names_the_version_of_the_rollback_that_was_last(world: World) -> None:
    released_twice(world)
    put_on_hold(world)
    back(world)
    back(world, to=2, reason="It was the network")
    standing = hold_on(world.function)
    assert standing is not None and standing.reason == (
        "rollback to v2: It was the network (on hold before by manager: Black Friday)"
    )


def test_a_hold_by_hand_keeps_its_reason_whatever_it_begins_with(world: World) -> None:
    released_twice(world)
    put_on_hold(world, reason="rollback to v1 if the migration fails")
    back(world)
    back(world, to=2, reason="It was the network")
    standing = hold_on(world.function)
    assert standing is not None and standing.reason == (
        "rollback to v2: It was the network"
        " (on hold before by manager: rollback to v1 if the migration fails)"
    )


def test_who_resumes_without_having_seen_a_newer_rollback_is_told(world: World) -> None:
    released_twice(world)
    put_on_hold(world)
    seen = hold_on(world.function)
    back(world)
    assert seen is not None
    with pytest.raises(StaleRelease, match="on hold anew"):
        end(world, seen)
    assert hold_on(world.function) is not None


def test_after_a_rollback_nothing_goes_out_until_resumed(world: World) -> None:
    released_twice(world)
    done = back(world)
    fix = world.advance(at(world, world.request(package("three")), state="approved"))
    assert (fix.state, world.live()) == (ReleaseState.APPROVED, "1")
    assert done.hold is not None
    end(world, done.hold, lets_go=fix.pk)
    world.advance(fix)
    assert (fix.state, world.live()) == (ReleaseState.RELEASED, "3")


@pytest.mark.parametrize("person", ["developer", "security", "admin"])
def test_only_release_managers_hold_and_resume(world: World, person: str) -> None:
    added(world)
    with pytest.raises(NotAllowed, match="Only release managers"):
        put_on_hold(world, by=person, reason="")
    held = put_on_hold(world)
    with pytest.raises(NotAllowed, match="Only release managers"):
        end(world, held, by=person, reason="")
    refused = AuditEvent.objects.filter(action="function.hold_refused", actor_name=person)
    assert refused.count() == 2


def test_what_is_held_is_not_held_twice(world: World) -> None:
    added(world)
    put_on_hold(world)
    with pytest.raises(StaleRelease, match="manager put checkout on hold: Black Friday"):
        put_on_hold(world, by="second-manager")


def test_another_hold_than_the_one_seen_stays(world: World) -> None:
    added(world)
    first = put_on_hold(world)
    end(world, first)
    second = put_on_hold(world)
    with pytest.raises(StaleRelease, match="on hold anew"):
        end(world, first)
    assert hold_on(world.function) == second


def test_nothing_to_resume_is_said(world: World) -> None:
    added(world)
    held = put_on_hold(world)
    end(world, held)
    with pytest.raises(NotAllowed, match="is not on hold"):
        end(world, held)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "expires_at"),
        ({"expires_at": timezone.now() + timedelta(days=91)}, "expires_at"),
    ],
)
def test_what_makes_no_hold(world: World, wrong: dict[str, Any], field: str) -> None:
    added(world)
    with pytest.raises(InvalidInput) as problem:
        put_on_hold(world, **wrong)
    assert problem.value.field == field
    assert hold_on(world.function) is None


def test_resuming_needs_a_reason(world: World) -> None:
    added(world)
    held = put_on_hold(world)
    with pytest.raises(InvalidInput, match="Say why"):
        end(world, held, reason="")
