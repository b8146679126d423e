"""The five steps of a release in short, for lists: what is done, what runs, what is to come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from releases.models import Release, Step, StepName, StepOutcome, step_order
from releases.states import Gate, ReleaseState

_FAMILIES = {
    StepOutcome.RUNNING: ("running", "running"),
    StepOutcome.WAITING: ("running", "waiting for AWS"),
    StepOutcome.DONE: ("released", "done"),
    StepOutcome.FAILED: ("failed", "failed"),
    StepOutcome.CONFLICT: ("conflict", "in conflict"),
    StepOutcome.INTERRUPTED: ("running", "interrupted"),
}


_S = ReleaseState
# A release whose gate stands after staging has been staged when it is in these.
_STAGED = frozenset({_S.AWAITING_APPROVAL, _S.APPROVED, _S.PUBLISHING, _S.RELEASED})


class Stop(NamedTuple):
    label: str
    family: str
    word: str


def rail(release: Release, steps: list[Step]) -> list[Stop]:
    """One stop a step; `steps` are the release's, oldest first, of any round."""
    latest = latest_steps(release, steps)
    stops = []
    for name in step_order(Gate(release.gate)):
        if name == StepName.SHIFT and not release.target_alias:
            continue
        stops.append(_stop(release, name, latest.get(name)))
    return stops


def latest_steps(release: Release, steps: Iterable[Step]) -> dict[str, Step]:
    """By name, the last attempt of the present round; `steps` are those of every round.

    A round that people opened at the gate goes on from what was done before it.
    """
    of_any = {step.name: step for step in steps}
    latest = {name: each for name, each in of_any.items() if _is_of_now(release, each)}
    names = step_order(Gate(release.gate))
    for name in names[: names.index(StepName.GATE)]:
        holds = release.state != _S.QUEUED if name == StepName.CHECK else release.state in _STAGED
        if holds and name in of_any:
            latest.setdefault(name, of_any[name])
    return latest


def _is_of_now(release: Release, step: Step) -> bool:
    return step.round_number == release.round_number


def _stop(release: Release, name: StepName, step: Step | None) -> Stop:
    if name == StepName.GATE and release.state == ReleaseState.AWAITING_APPROVAL:
        return Stop(name.label, "waiting", "waiting for approval")
    if step is None:
        return Stop(name.label, "todo", "not started")
    return Stop(name.label, *_FAMILIES[StepOutcome(step.outcome)])
