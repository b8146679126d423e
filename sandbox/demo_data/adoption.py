"""How environments and functions came to Sluice: read from AWS, kept as they were at the time."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, replace

from django.utils import timezone

from accounts.models import User
from releases.actions.read_function import Reading, keep, moment, read
from releases.audit import Origin, record
from releases.audit.aws_calls import gateway_for
from releases.aws.types import LATEST, AliasState, FunctionState
from releases.models import Alias, Environment, Function, Release, Version
from releases.models.policies import columns
from sandbox.demo_data.functions import Demo, Place
from sandbox.demo_data.plan import PlannedFunction


@dataclass
class Known:
    """A function, what AWS says of it today, and how far its past has been told."""

    demo: Demo
    planned: PlannedFunction
    row: Function
    reading: Reading
    told: int

    def state_of(self, number: int) -> FunctionState:
        """A published version, as GetFunction showed it."""
        version = self.reading.versions[number - 1]
        return replace(
            self.reading.latest,
            version=str(number),
            code_sha256=version.code_sha256,
            code_size=version.code_size,
            revision_id=version.revision_id,
            description=version.description,
            last_modified=version.last_modified,
            configuration=version.configuration,
            image_uri=self.planned.versions[number - 1][0].image,
        )

    def latest_then(self, revision: uuid.UUID, *, changed: bool) -> FunctionState:
        """`$LATEST` after the last version told; `changed` if it was configured for the next."""
        state = self.state_of(self.told)
        configured = self.reading.versions[self.told - 1 + changed].configuration
        about = self.reading.latest.description
        return replace(
            state,
            version=LATEST,
            revision_id=str(revision),
            description=about,
            configuration={**configured, "Description": about},
        )

    def alias_then(self, revision: uuid.UUID) -> AliasState | None:
        """The live alias at the last version told; today's RevisionId is not that of then."""
        if not self.demo.alias or self.reading.alias(self.demo.alias) is None:
            return None
        version = str(self.told - len(self.demo.weights))
        return AliasState(self.demo.alias, version, str(revision), weights=self.demo.weights)

    def publish(self, release: Release) -> None:
        """The next version of the reading is this release's."""
        version = self.reading.versions[self.told]
        Version.objects.create(
            function=self.row,
            number=version.number,
            code_sha256=version.code_sha256,
            code_size=version.code_size,
            description=version.description,
            revision_id=version.revision_id,
            configuration=dict(version.configuration),
            published_at=moment(version.last_modified),
            release=release,
        )
        self.told = version.number

    def shift(self) -> None:
        if not self.demo.alias:
            return
        aliases = Alias.objects.filter(function=self.row, name=self.demo.alias)
        aliases.update(version=str(self.told))
        Function.objects.filter(pk=self.row.pk).update(live_version=self.told)


def add_environment(
    place: Place, *, by: User, origin: Origin, chance: random.Random
) -> Environment:
    environment = Environment.objects.create(
        name=place.name,
        tier=place.tier,
        account_id=place.account,
        region=place.region,
        role_arn=place.role_arn,
        staging_bucket=place.bucket,
        external_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    )
    values = {
        "name": place.name,
        "account_id": place.account,
        "region": place.region,
        "role_arn": place.role_arn,
        "staging_bucket": place.bucket,
    }
    changes = ", ".join(f"{name} → {value}" for name, value in values.items() if value)
    record("environment.added", by=by, origin=origin, environment=environment, changes=changes)
    return environment


def look(environment: Environment, name: str) -> Reading:
    """All that AWS holds of a function. Call outside of a transaction."""
    return read(gateway_for(environment), name)


def add(
    planned: PlannedFunction,
    environment: Environment,
    reading: Reading,
    *,
    by: User,
    origin: Origin,
) -> Known:
    """What `add_function` did then: only the versions of that time are there."""
    demo = planned.demo
    row = Function.objects.create(
        environment=environment,
        name=demo.name,
        arn=reading.latest.arn,
        gate=demo.gate,
        live_alias=demo.alias,
        creates_alias=demo.creates_alias,
        **(columns(demo.rules) if demo.rules else {}),
    )
    then = _then(demo, reading)
    keep(row, then, first=True)
    record(
        "function.added",
        by=by,
        origin=origin,
        function=row,
        versions=len(then.versions),
        aliases=[alias.name for alias in then.aliases],
    )
    return Known(demo, planned, row, reading, len(then.versions))


def _then(demo: Demo, reading: Reading) -> Reading:
    count = len(demo.imported)
    live = str(count - len(demo.weights))
    aliases = [
        replace(alias, version=live) if alias.name == demo.alias else alias
        for alias in reading.aliases
        if alias.name == demo.alias or int(alias.version) <= count
    ]
    return Reading(reading.latest, reading.versions[:count], aliases)


def settle(known: Known) -> None:
    """The story has arrived at today: our rows are what AWS says."""
    keep(known.row, known.reading)
    Function.objects.filter(pk=known.row.pk).update(synced_at=timezone.now())
