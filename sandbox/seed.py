"""seed(): the world that the demo begins with, the same every time."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from releases import live
from releases.database_roles import as_owner
from releases.models import Environment
from sandbox import marker
from sandbox.demo_data import adoption, cloud, outside
from sandbox.demo_data.adoption import Known
from sandbox.demo_data.clock import Clock
from sandbox.demo_data.functions import BUCKET, PLACES, PRODUCTION
from sandbox.demo_data.history import Telling
from sandbox.demo_data.people import People
from sandbox.demo_data.periods import moved_by
from sandbox.demo_data.plan import Plan, PlannedRelease, fill
from sandbox.demo_data.present import Present
from sandbox.demo_data.story import PAST
from sandbox.errors import SandboxError

Deed = tuple[datetime, Callable[[], object]]
BEGINNING = timedelta(days=158)


def seed() -> None:
    """Fill AWS first, then tell Sluice its past, then do for real what is under way.

    Raises SandboxError unless the database was made for the demo and is still empty.
    """
    marker.require(connection)
    if User.objects.exists():
        raise SandboxError("The demo's data is there already: begin with an empty database.")
    now, chance = timezone.now(), random.Random("sluice")  # noqa: S311 - the same every time
    clock = Clock(now - BEGINNING)
    # Nobody is looking yet, so nobody is told what changed.
    told = outside.told_by(clock)
    # Only the owner of the history may say that something happened long ago.
    with as_owner(), cloud.in_a_hurry(), clock.running(), told, patch.object(live, "changed"):
        cloud.put("bucket", name=BUCKET, **PRODUCTION.target)
        plan = Plan(now, _numbers(len(PAST)), chance)
        for planned in plan.functions.values():
            fill(planned)
        people = People(chance)
        functions = _tell_the_past(plan, people, clock, chance)
        Present(functions, people, clock, now).tell()


def _tell_the_past(
    plan: Plan, people: People, clock: Clock, chance: random.Random
) -> dict[str, Known]:
    admin = people["admin"]
    environments: dict[str, Environment] = {
        place.name: adoption.add_environment(
            place, by=admin, origin=people.origin("admin"), chance=chance
        )
        for place in PLACES
    }
    # AWS is asked first: history is written in one transaction, in which nobody may ask it.
    readings = {
        key: adoption.look(environments[planned.demo.place.name], planned.demo.name)
        for key, planned in plan.functions.items()
    }
    functions: dict[str, Known] = {}

    def add(key: str) -> None:
        planned = plan.functions[key]
        clock.to(planned.added_at)
        functions[key] = adoption.add(
            planned,
            environments[planned.demo.place.name],
            readings[key],
            by=admin,
            origin=people.origin("admin"),
        )

    def tell(release: PlannedRelease) -> None:
        known = functions[release.past.function]
        Telling(release, known, people, clock, chance).tell()

    deeds: list[Deed] = [
        *((planned.added_at, partial(add, key)) for key, planned in plan.functions.items()),
        *((release.requested_at, partial(tell, release)) for release in plan.releases),
    ]
    with transaction.atomic(), clock.told_at_once():
        for _, deed in sorted(deeds, key=lambda deed: deed[0]):
            with moved_by(clock):
                deed()
        for known in functions.values():
            adoption.settle(known)
    return functions


def _numbers(count: int) -> list[int]:
    """The next numbers of releases, taken so that AWS can be told them first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('releases_release', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]
