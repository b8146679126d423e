"""The rows of the list of functions: what is live, what went out last, what is under way."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from accounts.models import User
from releases.models import Function, Hold, Release, Version
from releases.numbers import whole_number
from releases.states import IN_FLIGHT, ReleaseState
from releases.views.filters import PAGE_SIZE, chosen_environment, person_of, query_with


@dataclass
class Row:
    function: Function
    live_code: str
    last: Release | None
    in_flight: Release | None

    @property
    def is_identical(self) -> bool | None:
        """Whether $LATEST holds the code of the live version; None if either is unknown."""
        latest = self.function.latest_code_sha256
        return self.live_code == latest if self.live_code and latest else None


@dataclass
class FunctionPage:
    rows: list[Row]
    older: str
    newest: str


def _filtered(request: HttpRequest) -> QuerySet[Function]:
    visible = Function.objects.visible_to(person_of(request))
    functions = visible.with_environment().with_running_code()
    environment = chosen_environment(request)
    if environment:
        functions = functions.filter(environment=environment)
    text = request.GET.get("q", "").strip()
    if text:
        functions = functions.filter(Q(name__icontains=text) | Q(arn__iexact=text))
    return functions.order_by("environment__name", "name")


def _after(functions: QuerySet[Function], person: User, pk: int | None) -> QuerySet[Function]:
    """Those that come after one function that they see, in the order of environment and name."""
    seen = Function.objects.visible_to(person).with_environment()
    anchor = seen.filter(pk=pk).first() if pk else None
    if anchor is None:
        return functions
    environment = anchor.environment.name
    return functions.filter(
        Q(environment__name__gt=environment)
        | Q(environment__name=environment, name__gt=anchor.name)
    )


def function_page(request: HttpRequest) -> FunctionPage:
    """Up to 50 functions; the number of queries does not depend on how many."""
    of_function = Release.objects.filter(function=OuterRef("pk")).order_by("-pk")
    live = Version.objects.filter(function=OuterRef("pk"), number=OuterRef("live_version"))
    after = whole_number(request.GET.get("after", ""))
    functions = _after(_filtered(request), person_of(request), after).annotate(
        live_code=Subquery(live.values("code_sha256")[:1]),
        last_id=Subquery(of_function.filter(state=ReleaseState.RELEASED).values("pk")[:1]),
        in_flight_id=Subquery(of_function.filter(state__in=IN_FLIGHT).values("pk")[:1]),
        environment_name=F("environment__name"),
        is_held=Exists(Hold.objects.filter(function=OuterRef("pk"), ended_at=None)),
    )
    found = list(functions[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    wanted = {pk for each in shown for pk in (each.last_id, each.in_flight_id) if pk}
    releases = Release.objects.in_bulk(wanted)
    rows = [
        Row(
            function=each,
            live_code=each.live_code or "",
            last=releases.get(each.last_id),
            in_flight=releases.get(each.in_flight_id),
        )
        for each in shown
    ]
    more = len(found) > PAGE_SIZE
    return FunctionPage(
        rows=rows,
        older=query_with(request, after=shown[-1].pk) if more else "",
        newest=query_with(request, after=None) if after else "",
    )
