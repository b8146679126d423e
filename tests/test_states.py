"""The table of moves: everything that is not in it is refused, in Python and by the database."""

import pytest
from django.db import DatabaseError, transaction

from releases.actions.transition import transition
from releases.errors import IllegalTransition
from releases.models import AuditEvent, Release
from releases.states import FINAL, MOVES, Gate, ReleaseState, allowed
from tests.factories import ReleaseFactory

PAIRS = [(source, to) for source in ReleaseState for to in ReleaseState if source != to]
ILLEGAL = [
    pytest.param(source, to, id=f"{source}-{to}") for source, to in PAIRS if to not in MOVES[source]
]
LEGAL = [
    pytest.param(source, to, id=f"{source}-{to}") for source, to in PAIRS if to in MOVES[source]
]

AT_GATES = [(source, to, gate) for source, to in PAIRS for gate in Gate]
TAKEN = [each for each in AT_GATES if allowed(*each)]
REFUSED = [each for each in AT_GATES if not allowed(*each)]
# What the sentences of the moves are filled with.
SAID = {
    "required": 1,
    "what": "v2",
    "problem": "AWS said no",
    "reason": "no need",
    "round": 1,
    "ends_as": "rejected",
}


def release_in(state: ReleaseState, gate: Gate = Gate.REVIEW_FIRST) -> Release:
    version = 2 if state == ReleaseState.RELEASED else None
    alias = "live" if gate == Gate.STAGE_FIRST else ""
    return ReleaseFactory.create(
        state=state, gate=gate, version_number=version, function__gate=gate,
        function__live_alias=alias or "live",
    )  # fmt: skip


@pytest.mark.parametrize(("source", "to", "gate"), REFUSED)
def test_no_other_move_is_made(
    db: None, source: ReleaseState, to: ReleaseState, gate: Gate
) -> None:
    release = release_in(source, gate)
    with pytest.raises(IllegalTransition):
        transition(release, to, by=None)
    assert Release.objects.get(pk=release.pk).state == source


@pytest.mark.parametrize(("source", "to", "gate"), TAKEN)
def test_a_move_of_the_table_is_made_and_recorded(
    db: None, source: ReleaseState, to: ReleaseState, gate: Gate
) -> None:
    release = release_in(source, gate)
    transition(release, to, by=None, said=SAID, version_number=2)
    assert Release.objects.get(pk=release.pk).state == to
    assert AuditEvent.objects.get(release_id=release.pk).action == f"release.{to}"


@pytest.mark.parametrize(("source", "to"), ILLEGAL)
def test_the_database_refuses_the_others(db: None, source: ReleaseState, to: ReleaseState) -> None:
    release = release_in(source)
    moved = {"state": to, "version_number": 2}
    with pytest.raises(DatabaseError, match="transition"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(**moved)


@pytest.mark.parametrize(("source", "to"), LEGAL)
def test_the_database_lets_the_table_through(
    db: None, source: ReleaseState, to: ReleaseState
) -> None:
    release = release_in(source)
    moved = {"state": to, "version_number": 2}
    assert Release.objects.filter(pk=release.pk).update(**moved) == 1


def test_the_ends_are_those_without_a_way_out() -> None:
    assert {ReleaseState.RELEASED, ReleaseState.REJECTED, ReleaseState.CANCELLED} == FINAL
