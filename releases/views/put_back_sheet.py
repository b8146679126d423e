"""The sheet of a rollback where there is no alias: the code goes back by a release."""

from __future__ import annotations

from accounts.models import User
from releases import configuration, hazards, policy, rollback_policy
from releases.actions.fetch_code import kept
from releases.actions.roll_back import Seen
from releases.aws.types import LATEST
from releases.holds import hold_on
from releases.live_versions import Became, last_good, what_became_of
from releases.models import Function, Release, Version
from releases.states import IN_FLIGHT
from releases.views.between import comparison_of
from releases.views.rollback_sheet import Choice, Sheet, versions_of


def put_back_sheet_of(function: Function, user: User, *, to: int | None) -> Sheet:
    """As `sheet_of`: a fixed number of queries, then AWS. `live` is what `$LATEST` holds."""
    good = last_good(function)
    wanted = to or good
    rows = versions_of(function, {wanted, good} - {None})
    code = function.latest_code_sha256
    live = next((each for each in rows if code and each.code_sha256 == code), None)
    choices = _choices(function, [each for each in rows if each.code_sha256 != code], good)
    chosen = next((each for each in choices if each.version.number == wanted), None)
    version = chosen.version if chosen else None
    in_flight = Release.objects.filter(function=function, state__in=IN_FLIGHT).first()
    return Sheet(
        function=function,
        live=live,
        live_became=Became(),
        chosen=chosen,
        choices=choices,
        may=_may(user, function, version, in_flight),
        needed=rollback_policy.needs_second(function, version) if version else "",
        hazards=_hazards(function, version) if version else [],
        settings=_settings_that_stay(function, version) if version else [],
        seen=Seen(None, 0),
        hold=hold_on(function),
        in_flight=in_flight,
        files=comparison_of(function, LATEST, version.number) if code and version else None,
    )


def _choices(function: Function, others: list[Version], good: int | None) -> list[Choice]:
    became = what_became_of(function, others)
    trusted = rollback_policy.trusted_versions(function, others)
    return [
        Choice(
            each,
            became[each.number],
            each.number == good,
            each.number in trusted,
            goes_by_release=True,
        )
        for each in sorted(others, key=lambda each: (each.number != good, -each.number))
    ]


def _may(
    user: User, function: Function, version: Version | None, in_flight: Release | None
) -> policy.Decision:
    """What is in flight has to make way, which it cannot while AWS is being written to."""
    may = rollback_policy.can_put_back(user, function, version)
    if not may or in_flight is None:
        return may
    makes_way = policy.can_cancel(user, in_flight)
    return makes_way if not makes_way else may


def _hazards(function: Function, version: Version) -> list[hazards.Hazard]:
    is_kept = kept(version.code_sha256) is not None
    return hazards.check_code(function, version, is_kept=is_kept)


def _settings_that_stay(function: Function, version: Version) -> list[configuration.Row]:
    if not version.configuration:
        return []
    return hazards.settings_that_stay(hazards.code_subject(function, version))
