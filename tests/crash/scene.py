"""A release on its way through real workers, one of which dies at a chosen moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import psutil
from django.db import connection

from releases.actions.reject import reject
from releases.models import Release
from releases.pipeline.lock import is_free
from releases.queues import enqueue_again
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.crash.processes import Worker, Zygote, is_gone, kill, until
from tests.crash.queue import empty_redis
from tests.crash.recorded import Point
from tests.kept import kept
from tests.world import HERE, World, package

PATIENCE = 15.0
# A release takes most of a second, and each look at its state costs PostgreSQL something.
GLANCE = 0.05


# --- where the tests begin ----------------------------------------------------
@kept
def requested(world: World, gate: Gate, **more: Any) -> Release:
    world.add(gate=gate, **more)
    return world.request(package("two"))


@kept
def at_the_gate(world: World, gate: Gate, **more: Any) -> Release:
    return world.advance(requested(world, gate, **more))


@kept
def approved(world: World, gate: Gate, **more: Any) -> Release:
    release = at_the_gate(world, gate, **more)
    world.approve(release)
    return release


@kept
def rejected(world: World, gate: Gate) -> Release:
    release = at_the_gate(world, gate)
    fingerprint = release.rounds.get().fingerprint
    by = world.people["manager"]
    reject(release, by=by, origin=HERE, fingerprint=fingerprint, reason="Not today")
    return release


class Kill(StrEnum):
    HORSE = "horse"
    PARENT = "parent"
    BOTH = "both"


class When(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass
class Scene:
    world: World
    zygote: Zygote
    release: Release = field(init=False)
    horse: psutil.Process = field(init=False)

    # --- the release ------------------------------------------------------
    def request(self, gate: Gate, **more: Any) -> None:
        self.release = requested(self.world, gate, **more)
        self._enqueue()

    def at_the_gate(self, gate: Gate, **more: Any) -> None:
        """Requested, and taken to its gate in this process; so its job is done."""
        self.release = at_the_gate(self.world, gate, **more)
        empty_redis()

    def approved(self, gate: Gate, **more: Any) -> None:
        """Taken to its gate and let through, which asks for a worker again."""
        self.release = approved(self.world, gate, **more)
        self._enqueue()

    def rejected(self, gate: Gate) -> None:
        """Taken to its gate and turned down there, which asks for a worker again."""
        self.release = rejected(self.world, gate)
        self._enqueue()

    def approve(self) -> None:
        self.world.approve(self.release)

    def begin(self, gate: Gate, point: Point) -> None:
        """Take the release to where the step of `point` is the workers' next."""
        if point.after_the_gate:
            self.approved(gate)
        else:
            self.request(gate)

    def _enqueue(self) -> None:
        """The job that the last action leaves: Redis is not put back with the rest."""
        empty_redis()
        enqueue_again(self.release.pk)

    # --- the crash --------------------------------------------------------
    def hold(self, point: Point, when: When) -> str:
        fault = Fault(
            operation=point.operation, action="hold", skip=point.skip, after=when == When.AFTER
        )
        return self.world.aws.faults.add(fault)

    def worker_at(self, held: str) -> Worker:
        """A worker whose work horse waits for the answer to the held call."""
        worker = self.zygote.worker()
        assert self.world.aws.faults.wait_held(held, PATIENCE), self.zygote.log.read_text()
        self.horse = self.zygote.adopt(worker.horse())
        return worker

    def kill(self, worker: Worker, whom: Kill) -> None:
        if whom != Kill.HORSE:
            kill(worker.parent)
        if whom != Kill.PARENT:
            kill(self.horse)
            until(lambda: is_free(self.release.function_id), 5, "the release of the lock")
        else:
            assert not is_gone(self.horse)

    def crash(self, point: Point, when: When, whom: Kill) -> None:
        """Kill at this point, start a new worker, and let go of the call.

        A call held before it was applied is lost with the work horse that sent it.
        """
        held = self.hold(point, when)
        self.kill(self.worker_at(held), whom)
        lost = when == When.BEFORE and whom != Kill.PARENT
        self.world.aws.faults.release(held, apply=not lost)
        self.zygote.worker()

    # --- the end ----------------------------------------------------------
    def state(self) -> ReleaseState:
        # Asked dozens of times a test: making up the query took longer than running it.
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM releases_release WHERE id = %s", [self.release.pk])
            return ReleaseState(cursor.fetchone()[0])

    def wait_for(self, *states: ReleaseState, seconds: float = PATIENCE) -> float:
        ends = {ReleaseState.FAILED, ReleaseState.CONFLICT}
        reached = {*states, *ends}
        waited = until(lambda: self.state() in reached, seconds, f"{states}", step=GLANCE)
        self.release.refresh_from_db()
        assert self.release.state in states, self.release.error_message
        return waited

    def released(self) -> float:
        """Wait until it is released, approving when it asks for that; how long it took."""
        gate = ReleaseState.AWAITING_APPROVAL
        waited = self.wait_for(gate, ReleaseState.RELEASED)
        if self.release.state == gate:
            self.approve()
            waited += self.wait_for(ReleaseState.RELEASED, seconds=PATIENCE - waited)
        return waited
