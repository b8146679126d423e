"""The board: which content of each function is in which environment, and what is waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Min, Value
from django.db.models.functions import NullIf
from django.http import Http404, HttpRequest

from accounts.models import User
from releases.context import shell_of
from releases.holds import Frozen, open_everywhere
from releases.models import Drift, Environment, Function, Hold, Release, Tier, Version
from releases.states import FINAL, ReleaseState
from releases.views.filters import PAGE_SIZE, query_with
from releases.views.offers import Offer, offers

# The way that a change usually takes: the columns from left to right.
TIERS = (Tier.DEVELOPMENT, Tier.STAGING, Tier.PRODUCTION)


@dataclass
class Cell:
    """One function in one environment."""

    function: Function
    live: Version | None
    in_flight: Release | None
    queued_count: int
    queued_first: int
    hold: str
    # The number of the change outside Sluice that waits for a decision.
    drift: int | None
    offers: list[Offer]
    # The nearest cell to the left that runs anything: what this one is compared with.
    before: Cell | None = None

    @property
    def code(self) -> str:
        return self.function.running_code

    @property
    def is_same(self) -> bool | None:
        """None if there is nothing to compare."""
        return self.code == self.before.code if self.before and self.code else None


@dataclass
class Row:
    name: str
    cells: list[tuple[Environment, Cell | None]]


@dataclass
class Board:
    # Each with the freeze whose window is open there, the one that lasts longest.
    environments: list[tuple[Environment, Frozen | None]]
    rows: list[Row]
    older: str
    newest: str


@dataclass
class Filters:
    """What the address asks for."""

    text: str
    environments: list[Environment]
    # All there are, in the order of the columns.
    known: list[Environment] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    differs: bool = False
    waiting: bool = False

    @property
    def are_set(self) -> bool:
        return bool(self.text or self.chosen or self.differs or self.waiting)


def filters_of(request: HttpRequest) -> Filters:
    """Raises Http404 for an environment that does not exist."""
    known = sorted(shell_of(request).environments, key=lambda each: TIERS.index(Tier(each.tier)))
    chosen = [name for name in request.GET.getlist("env") if name]
    if not set(chosen) <= {each.name for each in known}:
        raise Http404("There is no such environment.")
    return Filters(
        text=request.GET.get("q", "").strip(),
        environments=[each for each in known if not chosen or each.name in chosen],
        known=known,
        chosen=chosen,
        differs=bool(request.GET.get("differs")),
        waiting=bool(request.GET.get("waiting")),
    )


def board_of(request: HttpRequest, filters: Filters, user: User) -> Board:
    """Up to 50 functions by name. The number of queries depends on nothing."""
    after = request.GET.get("after", "")
    found = _names(filters, after, user)
    names = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return Board(
        environments=_with_freezes(filters.environments, user),
        rows=_rows(names, filters.environments, user),
        older=query_with(request, after=names[-1]) if more else "",
        newest=query_with(request, after=None) if after else "",
    )


def _with_freezes(
    environments: list[Environment], user: User
) -> list[tuple[Environment, Frozen | None]]:
    found = open_everywhere(user)
    return [
        (each, next((one for one in found if one.is_in(each.pk)), None)) for each in environments
    ]


def _names(filters: Filters, after: str, user: User) -> list[str]:
    shown = Function.objects.visible_to(user).filter(environment__in=filters.environments)
    rows = shown.filter(name__icontains=filters.text) if filters.text else shown
    if filters.waiting:
        over = FINAL | {ReleaseState.DRAFT}
        waiting = Release.objects.visible_to(user).filter(
            function__environment__in=filters.environments
        )
        rows = rows.filter(name__in=waiting.exclude(state__in=over).values("function__name"))
    if after:
        rows = rows.filter(name__gt=after)
    grouped = rows.with_running_code().order_by("name").values("name")
    if filters.differs:
        # Where nothing runs there is nothing to compare, and no cell says that it differs.
        codes = Count(NullIf("running_code", Value("")), distinct=True)
        grouped = grouped.annotate(codes=codes).filter(codes__gt=1)
    return list(grouped.values_list("name", flat=True).distinct()[: PAGE_SIZE + 1])


def _rows(names: list[str], environments: list[Environment], user: User) -> list[Row]:
    if not names:
        return []
    functions = list(
        Function.objects.visible_to(user)
        .filter(name__in=names, environment__in=environments)
        .with_environment()
        .with_running_code()
        .order_by("name")
    )
    by_function = _cells(functions, environments, user)
    return [
        _row(name, [by_function[each.pk] for each in same], environments)
        for name, same in groupby(functions, key=lambda each: each.name)
    ]


def _row(name: str, cells: list[Cell], environments: list[Environment]) -> Row:
    by_environment = {each.function.environment_id: each for each in cells}
    row = Row(name, [(each, by_environment.get(each.pk)) for each in environments])
    before: Cell | None = None
    for _, cell in row.cells:
        if cell:
            cell.before = before
            before = cell if cell.code else before
    return row


def _cells(
    functions: list[Function], environments: list[Environment], user: User
) -> dict[int, Cell]:
    pks = [each.pk for each in functions]
    related = ("release__function__environment", "release__artifact")
    versions = Version.objects.filter(function__in=pks, number=F("function__live_version"))
    live = {each.function_id: each for each in versions.select_related(*related)}
    in_flight = {
        each.function_id: each for each in Release.objects.in_flight().filter(function__in=pks)
    }
    queued = _queued(pks)
    holds, drifts = _holds(functions), _drifts(pks)
    ways = offers([each.release for each in live.values() if each.release], user)
    return {
        each.pk: Cell(
            each,
            live.get(each.pk),
            in_flight.get(each.pk),
            *queued.get(each.pk, (0, 0)),
            hold=holds.get(each.pk, ""),
            drift=drifts.get(each.pk),
            offers=_onward(ways, live.get(each.pk), environments),
        )
        for each in functions
    }


def _queued(functions: list[int]) -> dict[int, tuple[int, int]]:
    """By function, how many releases wait for their turn, and the number of the oldest."""
    waiting = Release.objects.filter(function__in=functions, state=ReleaseState.QUEUED)
    rows = waiting.order_by().values("function").annotate(count=Count("pk"), first=Min("pk"))
    return {row["function"]: (row["count"], row["first"]) for row in rows}


def _holds(functions: Iterable[Function]) -> dict[int, str]:
    """By function, why nothing may change what its callers run. One query."""
    in_force = Hold.objects.filter(function__in=list(functions), ended_at=None)
    return dict(in_force.values_list("function_id", "reason"))


def _drifts(functions: list[int]) -> dict[int, int]:
    """By function, the change outside Sluice that nobody has decided on. One query."""
    found = Drift.objects.open().filter(function__in=functions)
    return dict(found.values_list("function_id", "pk"))


def _onward(
    ways: dict[int, list[Offer]], live: Version | None, environments: list[Environment]
) -> list[Offer]:
    """To environments further to the right that run other code, whether or not it may go now."""
    if live is None or live.release is None:
        return []
    right = {each.pk: index for index, each in enumerate(environments)}
    here = right.get(live.release.function.environment_id, 0)
    return [
        offer
        for offer in ways.get(live.release.pk, [])
        if right.get(offer.target.environment_id, -1) > here and not offer.promotion.is_live_there
    ]


def context_of(request: HttpRequest, user: User) -> dict[str, Any]:
    filters = filters_of(request)
    return {"board": board_of(request, filters, user), "filters": filters}
