"""What the demo shows of stopping: rollbacks, holds, freezes, and talk before the gate."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from releases.holds import hold_on, why_held
from releases.live_versions import what_became_of
from releases.models import (
    Artifact,
    ChangeState,
    Comment,
    Drift,
    Freeze,
    Function,
    LivePeriod,
    PolicyChange,
    Release,
    Rollback,
    RollbackState,
)
from releases.packages.store import artifacts, package_name
from releases.rollback_policy import can_second, needs_second
from releases.states import ReleaseState

pytestmark = pytest.mark.django_db
_S = ReleaseState


def lines_of(artifact: Artifact, path: str) -> list[bytes]:
    with (
        artifacts().open(package_name(artifact.sha256)) as file,
        zipfile.ZipFile(file) as archive,
    ):
        return archive.read(path).splitlines()


def test_one_function_was_rolled_back_and_waits_on_hold_for_its_fix() -> None:
    rollback = Rollback.objects.get(state=RollbackState.DONE)
    function = rollback.function
    bad = function.versions.get(number=rollback.from_version or 0)
    assert bad.release and bad.release.state == _S.RELEASED
    assert function.live_version == rollback.to_version < bad.number
    assert rollback.hold == hold_on(function)
    assert rollback.reason in why_held(function)
    became = what_became_of(function, [bad])[bad.number]
    assert became.rolled_back == rollback
    fix = Release.objects.waiting_for_people().get(function=function)
    assert fix.created_at > rollback.requested_at
    assert fix.comments.exists()


def test_one_rollback_waits_for_a_second_person() -> None:
    rollback = Rollback.objects.get(state=RollbackState.WAITING)
    version = rollback.function.versions.get(number=rollback.to_version)
    assert "never approved here" in needs_second(rollback.function, version)
    assert can_second(User.objects.get(username="second-manager"), rollback)
    assert not hold_on(rollback.function)


def test_one_policy_asks_for_two_to_roll_back_and_a_looser_one_is_proposed() -> None:
    function = Function.objects.get(rollback_people=2)
    assert function.name == "checkout-api"
    change = PolicyChange.objects.get(state=ChangeState.PENDING)
    assert change.function == function and change.after.rollback == 2


def test_a_freeze_is_open_for_an_hour_a_week_where_nothing_waits() -> None:
    freeze = Freeze.objects.get()
    assert freeze.environment and freeze.environment.tier == "development"
    hours = [timezone.now() + timedelta(hours=count) for count in range(24 * 7)]
    assert sum(bool(freeze.open_until(hour)) for hour in hours) == 1
    waiting = Release.objects.waiting_for_people()
    assert not waiting.filter(function__environment=freeze.environment).exists()


def test_a_line_that_changed_is_talked_about_at_the_gate() -> None:
    on_lines = Comment.objects.filter(line__isnull=False)
    assert len({each.author for each in on_lines}) == 2
    ((number, path, _, line),) = set(on_lines.values_list("release", "path", "side", "line"))
    release = Release.objects.get(pk=number)
    assert release in Release.objects.waiting_for_people()
    assert release.artifact
    live = release.function.versions.get(number=release.function.live_version or 0)
    assert live.release and live.release.artifact
    now, then = (lines_of(each, path) for each in (release.artifact, live.release.artifact))
    assert line
    assert now[line - 1].startswith(b"TIMEOUT") and now[line - 1] not in then


def test_versions_are_live_since_the_moment_their_story_tells() -> None:
    for release in Release.objects.filter(state=_S.RELEASED).exclude(target_alias=""):
        period = LivePeriod.objects.filter(
            function=release.function, number=release.version_number or 0
        ).earliest("pk")
        assert release.finished_at and release.created_at < period.since
        assert abs(period.since - release.finished_at) < timedelta(seconds=2), release
    rollback = Rollback.objects.get(state=RollbackState.DONE)
    ended = LivePeriod.objects.get(function=rollback.function, number=rollback.from_version or 0)
    assert ended.until and abs(ended.until - rollback.requested_at) < timedelta(seconds=2)
    since = LivePeriod.objects.filter(function=rollback.function, until=None).get().since
    assert since == ended.until
    added = Function.objects.get(name="image-resizer")
    first = added.live_periods.earliest("pk")
    assert timedelta() <= first.since - added.created_at < timedelta(seconds=1)


def test_who_went_around_sluice_is_told_and_when() -> None:
    drift = Drift.objects.open().get(function__name="image-resizer")
    assert drift.who == "terraform"
    assert drift.changed_at and drift.changed_at <= drift.found_at
    assert drift.found_at - drift.changed_at < timedelta(minutes=5)
    conflict = Release.objects.get(state=_S.CONFLICT)
    (trace,) = conflict.traces.all()
    assert {each["who"] for each in trace.found} == {"kim"}
    for each in trace.found:
        moved = datetime.fromisoformat(each["at"])
        assert conflict.created_at < moved < conflict.created_at + timedelta(hours=1)
