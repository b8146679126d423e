"""Which versions were live, until when, and which of them can be called good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from releases.models import Function, LivePeriod, Release, Rollback, RollbackState, Version
from releases.states import ReleaseState

LOOKED_BACK = 100


@dataclass(frozen=True)
class Became:
    """What became of a version: its last time live, and the rollback that ended it."""

    since: datetime | None = None
    until: datetime | None = None
    rolled_back: Rollback | None = None
    was_live_when_added: bool = False
    # The release that put earlier code back in its place, where there is no alias to move.
    put_back: Release | None = None

    @property
    def is_live(self) -> bool:
        return self.since is not None and self.until is None

    @property
    def was_live(self) -> bool:
        return self.since is not None or self.was_live_when_added


def what_became_of(function: Function, versions: Iterable[Version]) -> dict[int, Became]:
    """By number, for the versions of one page. Three queries."""
    rows = list(versions)
    if not function.live_alias:
        left = _left_behind(function, [each.number for each in rows])
        return {
            each.number: Became(
                was_live_when_added=each.was_live_when_added, put_back=left.get(each.number)
            )
            for each in rows
        }
    numbers = [each.number for each in rows]
    lived = function.live_periods.filter(number__in=numbers).order_by("pk")
    done = Rollback.objects.filter(function=function, state=RollbackState.DONE)
    if since := function.made_again_at:
        lived, done = lived.filter(since__gt=since), done.filter(requested_at__gt=since)
    periods = {period.number: period for period in lived}
    ended: dict[int, Rollback] = {}
    for each in done.filter(from_version__in=numbers).select_related("requested_by").order_by("pk"):
        if is_back(each):
            ended[each.from_version or 0] = each
    return {each.number: _became(each, periods.get(each.number), ended) for each in rows}


def _became(version: Version, period: LivePeriod | None, ended: dict[int, Rollback]) -> Became:
    rollback = ended.get(version.number)
    if period is None:
        was = version.was_live_when_added
        return Became(rolled_back=rollback, was_live_when_added=was)
    # It may have gone out again since.
    over = rollback if rollback and period.until and rollback.requested_at > period.since else None
    return Became(period.since, period.until, over, version.was_live_when_added)


def is_back(rollback: Rollback) -> bool:
    """Whether it says something about the version it left; undoing a rollback does not."""
    return rollback.from_version is not None and rollback.to_version < rollback.from_version


def last_good(function: Function) -> int | None:
    """Where to go back to: the version that was live last and was not itself rolled back.

    Else one that was live at all, else the next lower one; none that is gone from AWS. At most
    four queries.
    """
    if not function.live_alias:
        return _last_good_code(function)
    since = function.made_again_at
    rows = function.live_periods.order_by("-pk")
    if since:
        rows = rows.filter(since__gt=since)
    gone = function.versions.filter(number=OuterRef("number"), gone_at__isnull=False)
    periods = rows.filter(~Exists(gone)).values_list("number", flat=True)[:LOOKED_BACK]
    before = [number for number in periods if number != function.live_version]
    bad = _rolled_back(function, since)
    good = next((number for number in before if number not in bad), None)
    return good or next(iter(before), None) or _next_lower(function)


def _rolled_back(function: Function, since: datetime | None) -> set[int]:
    done = Rollback.objects.filter(function=function, state=RollbackState.DONE)
    if since:
        done = done.filter(requested_at__gt=since)
    bad: set[int] = set()
    for each in reversed(done.only("from_version", "to_version")[:LOOKED_BACK]):
        if is_back(each):
            bad.add(each.from_version or 0)
        bad.discard(each.to_version)
    return bad


def _next_lower(function: Function) -> int | None:
    numbers = function.versions.filter(gone_at=None).values_list("number", flat=True)
    if function.live_version:
        numbers = numbers.filter(number__lt=function.live_version)
    return numbers.first()


def _left_behind(function: Function, numbers: Iterable[int]) -> dict[int, Release]:
    """Which of these were published between a version whose code went back and that release.

    Going back to one of them later calls it good again. One query.
    """
    back = Release.objects.filter(
        function=function, state=ReleaseState.RELEASED, rolls_back_to__isnull=False
    )
    left: dict[int, Release] = {}
    for each in reversed(back.select_related("requested_by").order_by("-pk")[:LOOKED_BACK]):
        first, last = each.rolls_back_to or 0, each.version_number or 0
        left |= {number: each for number in numbers if first < number < last}
        left.pop(first, None)
    return left


def _last_good_code(function: Function) -> int | None:
    """Of the newest versions: one that callers ran and nobody went back from, else any other."""
    rows = function.versions.exclude(code_sha256=function.latest_code_sha256)[:LOOKED_BACK]
    ran = [each.number for each in rows if each.release_id or each.was_live_when_added]
    left = _left_behind(function, ran)
    good = next((number for number in ran if number not in left), None)
    return good or next(iter(ran), None) or next((each.number for each in rows), None)
