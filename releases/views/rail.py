"""The five steps of a release in short, for lists: what is done, what runs, what is to come."""

from __future__ import annotations

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


class Stop(NamedTuple):
    label: str
    family: str
    word: str


def rail(release: Release, steps: list[Step]) -> list[Stop]:
    """One stop a step; `steps` are the release's, oldest first, of any round."""
    latest = {step.name: step for step in steps if step.round_number == release.round_number}
    stops = []
    for name in step_order(Gate(release.gate)):
        if name == StepName.SHIFT and not release.target_alias:
            continue
        stops.append(_stop(release, name, latest.get(name)))
    return stops


def _stop(release: Release, name: StepName, step: Step | None) -> Stop:
    if name == StepName.GATE and release.state == ReleaseState.AWAITING_APPROVAL:
        return Stop(name.label, "waiting", "waiting for approval")
    if step is None:
        return Stop(name.label, "todo", "not started")
    return Stop(name.label, *_FAMILIES[StepOutcome(step.outcome)])
