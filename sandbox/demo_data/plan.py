"""The whole past, worked out before anything is written, so that AWS and Sluice tell the same."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from releases.states import ReleaseState
from sandbox.demo_data import cloud
from sandbox.demo_data.functions import FUNCTIONS, Demo
from sandbox.demo_data.packages import package
from sandbox.demo_data.story import PAST, Past

LONGEST_DESCRIPTION = 256
# From signing in to the publish, without the time that reviewers took.
WORK_SECONDS = 125.0


@dataclass
class Code:
    """A package's bytes, or the address of an image and the tag it was pushed as."""

    zipped: bytes = b""
    image: str = ""
    tag: str = ""

    @property
    def for_aws(self) -> dict[str, str]:
        return {"image": self.image} if self.image else cloud.zipped(self.zipped)


@dataclass
class PlannedRelease:
    """One release of the story, with its number, its moment and the code it brings."""

    past: Past
    number: int
    token: uuid.UUID
    requested_at: datetime
    code: Code
    # How many seconds each decision took.
    reviews: list[float]
    version: int | None = None

    @property
    def published_at(self) -> datetime:
        return self.requested_at + timedelta(seconds=WORK_SECONDS + sum(self.reviews))

    @property
    def description(self) -> str:
        return f"R-{self.number} {self.token} {self.past.text}"[:LONGEST_DESCRIPTION]


@dataclass
class PlannedFunction:
    """One function with all its versions: (code, description, published)."""

    demo: Demo
    added_at: datetime
    versions: list[tuple[Code, str, datetime]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def code(self, *texts: str, extra: Mapping[str, str] | None = None) -> Code:
        """The code as it is after everything in the log and `texts`."""
        project, log = self.demo.project, [*self.texts, *texts]
        if not self.demo.is_image:
            return Code(package(project, len(log), log, extra))
        tag = f"2025.{len(log)}"
        name, where = self.demo.name, self.demo.place.target
        uri = cloud.put("image", repository=name, tag=tag, content=f"{name} {tag}", **where)
        return Code(image=uri, tag=tag)

    @property
    def live(self) -> int:
        """The version that the alias ends at: the newest without a share of the calls."""
        return len(self.versions) - len(self.demo.weights)


class Plan:
    """Functions by `environment/name`, and releases in the order of their numbers."""

    def __init__(self, now: datetime, numbers: Sequence[int], chance: random.Random) -> None:
        self._chance = chance
        self.functions = {
            demo.key: PlannedFunction(demo, moment(now, demo.added, chance)) for demo in FUNCTIONS
        }
        for planned in self.functions.values():
            for count, days in enumerate(planned.demo.imported):
                planned.texts.append(IMPORTED[count])
                at = moment(now, days, chance)
                planned.versions.append((planned.code(), IMPORTED[count], at))
        self.releases = [
            self._release(past, number, moment(now, past.days, chance))
            for past, number in zip(PAST, numbers, strict=True)
        ]

    def _release(self, past: Past, number: int, at: datetime) -> PlannedRelease:
        token = uuid.UUID(int=self._chance.getrandbits(128), version=4)
        function = self.functions[past.function]
        if past.promotes:
            # From here on both are the same code base.
            promoted = self.functions[past.promotes]
            code = promoted.versions[-1][0]
            function.texts = promoted.texts[:-1]
        elif past.as_it_stands:
            code = function.versions[-1][0]
        elif ".env" in past.note and past.ends == ReleaseState.REJECTED:
            code = function.code(past.text, extra={".env": "QUEUE_URL=\nEVENT_BUS=\n"})
        else:
            code = function.code(past.text)
        reviews = [60.0 * self._chance.randrange(9, 95) for _ in past.deciders or ("nobody",)]
        planned = PlannedRelease(past, number, token, at, code, reviews)
        if past.ends == ReleaseState.RELEASED:
            planned.version = len(function.versions) + 1
            function.versions.append((code, planned.description, planned.published_at))
            function.texts.append(past.text)
        return planned


IMPORTED = (
    "First version", "Read the settings from the environment", "Log as JSON",
    "Try again after throttling", "Smaller batches", "Try out the new ranking",
)  # fmt: skip


def moment(now: datetime, days: float, chance: random.Random) -> datetime:
    """That many days ago, at some minute of the working day."""
    day = now - timedelta(days=days)
    return day.replace(
        hour=chance.randrange(8, 14), minute=chance.randrange(60), second=chance.randrange(60)
    )


def fill(planned: PlannedFunction) -> None:
    """Put the function into AWS as it stands today, with all its past."""
    demo = planned.demo
    versions = [_version(planned, number) for number in range(1, len(planned.versions) + 1)]
    wanted: dict[str, Any] = {"configuration": demo.settings(), "versions": versions}
    if demo.latest_differs:
        wanted["code"] = planned.code("Try the new price list").for_aws
    elif not versions:
        wanted["code"] = planned.code("First version").for_aws
    aliases: dict[str, Any] = dict(demo.aliases)
    if demo.alias and not demo.creates_alias:
        aliases[demo.alias] = {"version": str(planned.live), "weights": dict(demo.weights)}
    tags = {"team": "shop", **demo.tags}
    cloud.put("function", name=demo.name, aliases=aliases, tags=tags, **wanted, **demo.place.target)


def _version(planned: PlannedFunction, number: int) -> dict[str, Any]:
    code, description, at = planned.versions[number - 1]
    found = {"code": code.for_aws, "description": description, "published_at": at.isoformat()}
    until, configuration = planned.demo.older
    return found | ({"configuration": dict(configuration)} if number <= until else {})
