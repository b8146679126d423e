"""What stops a function at this moment: its hold, and the freezes of its environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from releases.models import Freeze, Function, Hold, Release
from releases.states import Gate


@dataclass(frozen=True)
class Frozen:
    """A freeze whose window is open, and when that closes."""

    freeze: Freeze
    until: datetime

    @property
    def words(self) -> str:
        freeze = self.freeze
        until = f"{self.until:%Y-%m-%d %H:%M} UTC"
        verb = "is" if freeze.environment else "are"
        return f"{freeze.where} {verb} frozen until {until}: {freeze.reason}"

    def is_in(self, environment_id: int | None) -> bool:
        return self.freeze.environment_id in (None, environment_id)


def hold_on(function: Function) -> Hold | None:
    """The hold in force, with who placed it."""
    in_force = Hold.objects.filter(function=function, ended_at=None)
    return in_force.select_related("placed_by").first()


def why_held(function: Function) -> str:
    """Why nothing may change what its callers run, as a sentence; empty if something may."""
    hold = hold_on(function)
    return in_words(function, hold) if hold else ""


def in_words(function: Function, hold: Hold) -> str:
    until = f" until {hold.expires_at:%Y-%m-%d %H:%M} UTC" if hold.expires_at else ""
    return f"{hold.placed_by.name} put {function.name} on hold{until}: {hold.reason}"


def freezes_of(environment_id: int | None) -> list[Freeze]:
    """Those in force for an environment, whether a window is open now or not."""
    mine = Q(environment=None) | Q(environment=environment_id)
    standing = Freeze.objects.filter(mine, ended_at=None).order_by("pk")
    return list(standing.select_related("environment", "placed_by"))


def open_freezes(environment_id: int | None, now: datetime | None = None) -> list[Frozen]:
    """The windows that are open at this moment, the one that lasts longest first."""
    return _open(freezes_of(environment_id), now or timezone.now())


def open_everywhere(person: User) -> list[Frozen]:
    """The windows that are open at this moment in any environment they can see. One query."""
    standing = Freeze.objects.visible_to(person).filter(ended_at=None).order_by("pk")
    return _open(standing.select_related("environment", "placed_by"), timezone.now())


def _open(standing: Iterable[Freeze], now: datetime) -> list[Frozen]:
    found = [(each, each.open_until(now)) for each in standing]
    open_now = [Frozen(each, until) for each, until in found if until]
    return sorted(open_now, key=lambda each: each.until, reverse=True)


def frozen(release: Release) -> Frozen | None:
    """What keeps an approved release waiting, unless it was let through in spite of it.

    Nothing keeps a rollback.
    """
    if release.rolls_back_to is not None:
        return None
    standing = open_freezes(release.function.environment_id)
    if not standing:
        return None
    overridden = set(release.overrides.values_list("freeze_id", flat=True))
    return next((each for each in standing if each.freeze.pk not in overridden), None)


def staging_is_going_live(release: Release) -> bool:
    """Whether callers may run `$LATEST` the moment this release stages."""
    return release.gate == Gate.REVIEW_FIRST or not release.target_alias
