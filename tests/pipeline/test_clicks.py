"""Whatever a click causes carries its request id, also what a worker does for it later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from releases import jobs, queues
from releases.audit import record
from releases.cause import caused_by, present_click
from releases.models import AuditEvent, AuditExport, Intake, Release
from releases.pipeline import engine
from releases.pipeline.recover import recover
from releases.states import ReleaseState
from tests.factories import IntakeFactory, ReleaseFactory, UserFactory
from tests.pipeline.ways import added
from tests.views.scenes import fingerprint_of
from tests.views.test_new_release import filled
from tests.world import World, package

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
CLICK = UUID("00000000-0000-4000-8000-000000000001")
LATER = UUID("00000000-0000-4000-8000-000000000002")


def click_of(action: str) -> UUID:
    return AuditEvent.objects.filter(action=action).latest("pk").request_id


def test_what_a_worker_does_for_a_release_is_of_the_click_that_let_it_go_on(
    world: World, client_for: ClientFor
) -> None:
    world.seed()
    added(world)
    taken = world.bring_in(package("two"))
    client_for(world.people["developer"]).post("/releases/new/", filled(taken))
    release = Release.objects.get()
    engine.advance(release.pk)
    for action in ("step.started", "step.done", "release.round_opened"):
        assert click_of(action) == click_of("release.requested")
    shown = {"fingerprint": fingerprint_of(release), "seen": ReleaseState.AWAITING_APPROVAL}
    client_for(world.people["manager"]).post(f"/releases/{release.pk}/approve/", shown)
    engine.advance(release.pk)
    assert click_of("release.approval_given") != click_of("release.requested")
    for action in ("release.approved", "release.publishing", "step.done", "release.released"):
        assert click_of(action) == click_of("release.approval_given")


def test_a_job_that_was_lost_is_taken_up_for_the_same_click() -> None:
    release = ReleaseFactory.create(state=ReleaseState.QUEUED)
    with caused_by(CLICK):
        queues.enqueue_release(release.pk)
    Release.objects.update(enqueued_at=None)
    with caused_by(LATER):
        assert recover(quiet=timedelta(0)) == 1
    release.refresh_from_db()
    assert release.click == CLICK


def test_a_later_click_takes_the_place_of_the_earlier_one() -> None:
    release = ReleaseFactory.create(state=ReleaseState.QUEUED)
    for click in (CLICK, LATER):
        with caused_by(click):
            queues.enqueue_release(release.pk)
    queues.enqueue_release(release.pk)
    release.refresh_from_db()
    assert release.click == LATER


def an_export() -> AuditExport:
    return AuditExport.objects.create(person=UserFactory.create(), format="csv", last_event=0)


@pytest.mark.parametrize(
    ("make", "job", "runs"),
    [
        (an_export, jobs.write_export, "releases.pipeline.export.write"),
        (IntakeFactory.create, jobs.read_intake, "releases.pipeline.intake.read"),
    ],
    ids=["export", "intake"],
)
def test_other_jobs_are_run_for_the_click_of_their_row(
    make: Callable[[], AuditExport | Intake],
    job: Callable[[str], None],
    runs: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with caused_by(CLICK):
        row = make()
    seen = []
    monkeypatch.setattr(runs, lambda pk: seen.append(present_click()))
    job(str(row.pk))
    assert seen == [CLICK]


def test_what_sluice_does_by_itself_is_of_no_click() -> None:
    with caused_by(CLICK):
        assert record("person.signed_in", by=None).request_id == CLICK
    assert record("person.signed_in", by=None).request_id != CLICK
