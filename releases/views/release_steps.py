"""The step rail of the release page: five steps in the order of the gate, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from releases import policy
from releases.models import Release, Round, Step, StepName, StepOutcome, step_order
from releases.states import Gate, ReleaseState
from releases.views.rail import latest_steps

_S = ReleaseState
SHOWN = {
    StepOutcome.RUNNING: ("running", "Running."),
    StepOutcome.WAITING: ("running", "Waiting for AWS."),
    StepOutcome.DONE: ("released", "Done."),
    StepOutcome.FAILED: ("failed", "Failed."),
    StepOutcome.CONFLICT: ("conflict", "Conflict."),
    StepOutcome.INTERRUPTED: ("waiting", "Interrupted."),
}
# While a release stands in these, an old attempt that stopped says nothing about now.
GOING_ON = frozenset({_S.QUEUED, _S.STAGING, _S.AWAITING_APPROVAL, _S.APPROVED, _S.PUBLISHING})
STOPPED = (StepOutcome.FAILED, StepOutcome.CONFLICT)


@dataclass(frozen=True)
class RailStep:
    """One step as it is drawn: `lasted` once it is over, `since` while it is not."""

    label: str
    state: str
    word: str = ""
    detail: str = ""
    lasted: timedelta | None = None
    since: datetime | None = None
    is_current: bool = False


def release_steps(
    release: Release, round_: Round | None, steps: Iterable[Step], approvals: int
) -> list[RailStep]:
    """What each step shows. `steps` are the attempts of every round, oldest first."""
    latest = latest_steps(release, steps)
    names = step_order(Gate(release.gate))
    after_gate = names[names.index(StepName.GATE) + 1 :]
    shown = [
        _gate(release, round_, approvals, any(after in latest for after in after_gate))
        if name == StepName.GATE
        else _step(release, round_, name, latest.get(name))
        for name in names
    ]
    if StepName.WITHDRAW in latest and release.before_stage_id:
        shown.append(_step(release, round_, StepName.WITHDRAW, latest[StepName.WITHDRAW]))
    return _with_current(release, shown)


def _step(release: Release, round_: Round | None, name: StepName, step: Step | None) -> RailStep:
    again = release.state == _S.QUEUED and step and step.outcome == StepOutcome.DONE
    past = release.state in GOING_ON and step and step.outcome in STOPPED
    if step is None or again or past:
        return RailStep(name.label, "todo", detail=_ahead(release, round_, name))
    state, word = SHOWN[StepOutcome(step.outcome)]
    detail = step.detail
    if step.outcome == StepOutcome.INTERRUPTED:
        detail = detail or "taken up again by itself"
    if step.finished_at:
        return RailStep(name.label, state, word, detail, step.finished_at - step.started_at)
    return RailStep(name.label, state, word, detail, since=step.started_at)


def _gate(release: Release, round_: Round | None, approvals: int, went_on: bool) -> RailStep:
    label = StepName.GATE.label
    rules = policy.rules_of(release, round_)
    required = rules.total
    if release.state == _S.AWAITING_APPROVAL:
        since = round_.opened_at if round_ else None
        count = f"{approvals} of {required} approvals"
        return RailStep(label, "waiting", "Waiting for people.", count, since=since)
    if _S.REJECTED in (release.state, release.ends_as):
        return RailStep(label, "failed", "Rejected.", "rejected")
    passed = release.state in (_S.APPROVED, _S.RELEASED) or went_on
    if passed and release.state != _S.QUEUED:
        if release.skips_gate and not approvals:
            return RailStep(label, "released", "Done.", "skipped: a rollback")
        lapsed = round_ is not None and bool(round_.closed_because)
        return RailStep(
            label, "released", "Done.", "approved, now lapsed" if lapsed else "approved"
        )
    if release.is_final or release.state == _S.WITHDRAWING:
        return RailStep(label, "todo", detail="not reached")
    needs = "skipped by a rollback" if release.skips_gate else f"needs {rules.who}"
    return RailStep(label, "todo", detail=needs)


def _ahead(release: Release, round_: Round | None, name: StepName) -> str:
    """What a step that has not begun will do, where that is known."""
    if release.is_final or release.state == _S.WITHDRAWING:
        return "not reached"
    if name == StepName.STAGE:
        return "$LATEST as it stands" if release.artifact_id is None else "writes $LATEST"
    if name == StepName.PUBLISH:
        return "makes a version of it"
    return _shift(release, round_) if name == StepName.SHIFT else ""


def _shift(release: Release, round_: Round | None) -> str:
    if not release.target_alias:
        return "no live alias to move"
    baseline = (round_.parts.get("baseline") or {}) if round_ else {}
    if version := baseline.get("version"):
        return f"{release.target_alias}: v{version} → the new version"
    return f"{release.target_alias} → the new version"


def _with_current(release: Release, shown: list[RailStep]) -> list[RailStep]:
    """Mark the one step that people should look at; a finished release has none."""
    if release.is_final:
        return shown
    busy = [step for step in shown if step.state not in ("released", "todo")]
    ahead = [step for step in shown if step.state == "todo"]
    current = busy[-1] if busy else ahead[0] if ahead else None
    return [replace(step, is_current=True) if step is current else step for step in shown]
