"""What the sheet of a rollback shows: where it goes, what goes back, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from releases import configuration, hazards, rollback_policy
from releases.actions.roll_back import Seen, seen_of
from releases.aws.types import LATEST
from releases.hazards import Hazard, Level
from releases.holds import hold_on
from releases.live_versions import Became, last_good, what_became_of
from releases.models import Function, Hold, Release, Version
from releases.policy import Decision
from releases.states import IN_FLIGHT
from releases.views.between import Between, comparison_of

CHOICES = 50


@dataclass(frozen=True)
class Choice:
    """One version that can be gone back to."""

    version: Version
    became: Became
    is_last_good: bool
    is_trusted: bool
    # Whether its code goes back by a release: then nothing tells when callers ran it.
    goes_by_release: bool = False

    @property
    def words(self) -> str:
        """What speaks for it or against it, in few words."""
        was_left = self.became.rolled_back or self.became.put_back
        said = ["last good"] if self.is_last_good and not was_left else []
        if was_left:
            said.append("was rolled back")
        elif self.became.until:
            said.append(f"live until {self.became.until:%-d %b %H:%M}")
        elif self.goes_by_release:
            ours = self.version.release
            said += [f"released as {ours.reference}"] if ours else []
        elif not self.became.was_live:
            said.append("never live")
        if not self.is_trusted:
            said.append("never approved here")
        return ", ".join(said)


@dataclass(frozen=True)
class Sheet:
    function: Function
    live: Version | None
    live_became: Became
    chosen: Choice | None
    choices: list[Choice]
    may: Decision
    needed: str
    hazards: list[Hazard]
    settings: list[configuration.Row]
    seen: Seen
    hold: Hold | None
    in_flight: Release | None
    # What their code differs in; None if what callers run is not known.
    files: Between | None = None

    @property
    def goes_by_release(self) -> bool:
        """Whether there is no alias to move, so that the code goes back by a release."""
        return not self.function.live_alias

    @property
    def blocked(self) -> Hazard | None:
        return next((each for each in self.hazards if each.level == Level.BLOCKS), None)

    @property
    def decision(self) -> Decision:
        """Whether the button can be clicked; AWS itself refuses what cannot be."""
        if self.may and self.blocked:
            return Decision(False, f"{self.blocked.text}. {self.blocked.detail}".strip())
        return self.may

    @property
    def live_label(self) -> str:
        if self.live:
            return f"v{self.live.number}"
        return LATEST if self.goes_by_release else "what is live"


def sheet_of(function: Function, user: User, *, to: int | None) -> Sheet:
    """A fixed number of queries, then AWS, for as long as it may take.

    Where AWS tells in time what is live, that counts, and not what was read last.
    """
    good = last_good(function)
    wanted = to or good
    rows = versions_of(function, {wanted, good, function.live_version} - {None})
    version, known = (_numbered(rows, each) for each in (wanted, function.live_version))
    looked = hazards.check(function, version, known) if version else hazards.Looked([])
    live = _numbered(rows, looked.alias.version) if looked.alias else known
    became = what_became_of(function, rows)
    offered = [
        each
        for each in rows
        if each is version
        or not rollback_policy.is_live_already(function, each.number, looked.alias)
    ]
    choices = _choices(function, offered, became, good)
    is_live = rollback_policy.is_live_already(function, wanted or 0, looked.alias)
    return Sheet(
        function=function,
        live=live,
        live_became=became[live.number] if live else Became(),
        chosen=next((each for each in choices if each.version.number == wanted), None),
        choices=choices,
        may=rollback_policy.can_roll_back_to(user, function, version, is_live=is_live),
        needed=rollback_policy.needs_second(function, version) if version else "",
        hazards=looked.hazards,
        settings=_changes(live, version),
        seen=seen_of(function),
        hold=hold_on(function),
        in_flight=Release.objects.filter(function=function, state__in=IN_FLIGHT).first(),
        files=comparison_of(function, live.number, version.number) if live and version else None,
    )


def _numbered(rows: list[Version], number: int | str | None) -> Version | None:
    return next((each for each in rows if str(each.number) == str(number)), None)


def _choices(
    function: Function, offered: list[Version], became: dict[int, Became], good: int | None
) -> list[Choice]:
    trusted = rollback_policy.trusted_versions(function, offered)
    return [
        Choice(each, became[each.number], each.number == good, each.number in trusted)
        for each in sorted(offered, key=lambda each: (each.number != good, -each.number))
    ]


def versions_of(function: Function, numbers: set[int | None]) -> list[Version]:
    """The newest ones, and those that matter wherever they stand. Two queries.

    An alias cannot point at one that is gone; its code may still be in the store.
    """
    rows = function.versions.select_related("release")
    newest = list((rows.filter(gone_at=None) if function.live_alias else rows)[:CHOICES])
    known = {each.number for each in newest}
    return newest + list(rows.filter(number__in=[n for n in numbers if n and n not in known]))


def _changes(live: Version | None, version: Version | None) -> list[configuration.Row]:
    if live is None or version is None:
        return []
    rows = configuration.rows(live.configuration, version.configuration)
    return [row for row in rows if row.differs]
