"""What must hold of every release that ended, however many workers died on the way."""

from __future__ import annotations

from collections import Counter

from releases.models import AuditEvent, AwsCall, CallStatus, Release, StepName, StepOutcome
from releases.states import Gate
from tests.world import World

_REVIEWED = ["release.awaiting_approval", "release.approval_given", "release.approved"]
EVENTS = {
    Gate.REVIEW_FIRST: [
        "release.requested",
        "release.round_opened",
        *_REVIEWED,
        "release.staging",
        "release.publishing",
        "release.released",
    ],
    Gate.STAGE_FIRST: [
        "release.requested",
        "release.round_opened",
        "release.staging",
        *_REVIEWED,
        "release.publishing",
        "release.released",
    ],
}
REJECTED = [
    *EVENTS[Gate.STAGE_FIRST][:4],
    "release.withdrawing",
    "release.rejected",
]
# A job of its own says these, whenever it comes to it.
ASIDE = ("release.compared", "release.not_compared")
STEPS = [StepName.CHECK, StepName.STAGE, StepName.PUBLISH, StepName.SHIFT]


def events(release: Release, prefix: str) -> list[str]:
    found = AuditEvent.objects.filter(release_id=release.pk, action__startswith=prefix)
    found = found.exclude(action__in=ASIDE)
    return list(found.order_by("pk").values_list("action", flat=True))


def assert_history(release: Release, expected: list[str], steps: list[StepName]) -> None:
    """Every event once and in order, every step closed, every call accounted for."""
    assert events(release, "release.") == expected
    assert not release.aws_calls.filter(status=CallStatus.SENT).exists()
    assert not release.steps.filter(finished_at=None).exists()
    outcomes = Counter(release.steps.values_list("outcome", flat=True))
    done = release.steps.filter(outcome=StepOutcome.DONE)
    assert list(done.values_list("name", flat=True)) == steps
    said = Counter(events(release, "step."))
    assert said["step.started"] == outcomes.total()
    assert said["step.done"] == outcomes[StepOutcome.DONE]
    assert said["step.interrupted"] == outcomes[StepOutcome.INTERRUPTED]


def assert_released_once(world: World, release: Release) -> None:
    """One new version with the approved bytes, live points at it, and the history is whole."""
    assert (world.versions(), world.live()) == (["1", "2"], "2")
    assert release.artifact and release.version_number == 2
    version = world.client.get_function_configuration(FunctionName=world.name, Qualifier="2")
    assert version["CodeSha256"] == world.latest()["CodeSha256"] == release.artifact.code_sha256
    assert release.function.versions.get(number=2).release_id == release.pk
    assert_history(release, EVENTS[Gate(release.gate)], STEPS)


def interrupted(release: Release) -> int:
    return release.steps.filter(outcome=StepOutcome.INTERRUPTED).count()


def adopted(release: Release) -> list[str]:
    calls = AwsCall.objects.filter(release=release, status=CallStatus.ADOPTED)
    return list(calls.values_list("operation", flat=True))
