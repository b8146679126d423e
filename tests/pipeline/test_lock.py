"""One worker at a time on a function, one approval by a person, one release in flight."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from releases.actions.approve import approve
from releases.actions.cancel import cancel
from releases.errors import LockLost, NotAllowed, SluiceError, StaleRelease
from releases.models import AuditEvent, Release, StepOutcome
from releases.pipeline import engine
from releases.pipeline.lock import function_lock, is_free
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.factories import UserFactory
from tests.pipeline.ways import added, at_the_gate, requested
from tests.world import HERE, World, package

THREADS = 8


def at_once(number: int, act: Callable[[int], None]) -> list[str]:
    """Run `act` in threads that begin together; the names of the errors they met."""
    barrier = Barrier(number)

    def run(each: int) -> str:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            act(each)
        except SluiceError as error:
            return type(error).__name__
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(number) as pool:
        return [name for name in pool.map(run, range(number)) if name]


@pytest.mark.django_db
def test_whoever_is_next_need_not_wait_for_the_server_to_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Closing the connection is taken note of at some time; here, not before the test ends."""
    with ExitStack() as at_the_end, monkeypatch.context() as patched:
        close = psycopg.Connection.close
        patched.setattr(
            psycopg.Connection, "close", lambda session: at_the_end.callback(close, session)
        )
        for _ in range(2):
            with function_lock(1) as lock:
                assert lock is not None


@pytest.mark.parametrize("gate", list(Gate))
def test_two_workers_at_once_make_one_version(world: World, gate: Gate) -> None:
    release = requested(world, gate=gate)
    at_once(2, lambda _: engine.advance(release.pk))
    world.approve(release)
    at_once(2, lambda _: engine.advance(release.pk))
    release.refresh_from_db()
    assert release.state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
    assert release.steps.exclude(outcome=StepOutcome.DONE).count() == 0


def test_eight_people_approving_at_once_approve_it_once(world: World) -> None:
    release = at_the_gate(world, approvals=THREADS)
    people = UserFactory.create_batch(THREADS, role="release_manager")
    fingerprint = release.rounds.get().fingerprint

    def give(each: int) -> None:
        approve(release, by=people[each], origin=HERE, fingerprint=fingerprint)

    assert at_once(THREADS, give) == []
    actions = AuditEvent.objects.filter(release_id=release.pk)
    assert actions.filter(action="release.approval_given").count() == THREADS
    assert actions.filter(action="release.approved").count() == 1


def test_eight_clicks_where_one_approval_is_enough_have_one_winner(world: World) -> None:
    release = at_the_gate(world)
    people = UserFactory.create_batch(THREADS, role="release_manager")
    fingerprint = release.rounds.get().fingerprint

    def give(each: int) -> None:
        mine = Release.objects.get(pk=release.pk)
        approve(mine, by=people[each], origin=HERE, fingerprint=fingerprint)

    errors = at_once(THREADS, give)
    assert len(errors) == THREADS - 1
    assert set(errors) <= {NotAllowed.__name__, StaleRelease.__name__}
    assert AuditEvent.objects.filter(action="release.approved").count() == 1


def test_the_lock_is_free_when_its_holder_is_gone(world: World) -> None:
    function = added(world)
    with function_lock(function.pk) as held:
        assert held and not is_free(function.pk)
        with function_lock(function.pk) as second:
            assert second is None
    with function_lock(function.pk, patience=5) as third:
        assert third


def test_a_lock_that_is_gone_says_so(world: World) -> None:
    function = added(world)
    with function_lock(function.pk) as lock:
        assert lock
        lock.check()
        lock._session.close()
        with pytest.raises(LockLost):
            lock.check()


def test_a_second_release_in_flight_is_refused_by_the_database(world: World) -> None:
    added(world)
    world.advance(world.request(package("two")))
    waiting = world.advance(world.request(package("three")))
    assert waiting.state == ReleaseState.QUEUED
    with pytest.raises(IntegrityError, match="one_release_in_flight"), transaction.atomic():
        Release.objects.filter(pk=waiting.pk).update(state=ReleaseState.AWAITING_APPROVAL)


def test_a_release_cancelled_during_its_check_leaves_no_step_open(world: World) -> None:
    release = requested(world)
    held = world.aws.faults.add(Fault("UpdateFunctionCode", "hold"))

    def act(each: int) -> None:
        if each:
            engine.advance(release.pk)
            return
        assert world.aws.faults.wait_held(held)
        cancel(release, by=world.people["developer"], origin=HERE)
        world.aws.faults.release(held)

    assert at_once(2, act) == []
    release.refresh_from_db()
    assert release.state == ReleaseState.CANCELLED
    assert [step.outcome for step in release.steps.all()] == [StepOutcome.INTERRUPTED]
