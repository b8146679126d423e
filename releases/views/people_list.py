"""The rows of the list of people: role, activity, last sign-in, and how they sign in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Subquery
from django.http import HttpRequest

from accounts.models import User
from accounts.ways_in import ways_in
from releases.forms.people import PeopleFilter
from releases.numbers import whole_number
from releases.views.filters import PAGE_SIZE, query_with


@dataclass(frozen=True)
class Row:
    person: User
    ways: list[str]


@dataclass(frozen=True)
class PeoplePage:
    """Up to 50 people by username, and the queries of the pages around them."""

    rows: list[Row]
    older: str
    newest: str


def people_page(request: HttpRequest, form: PeopleFilter) -> PeoplePage:
    """One page after the person `?after=`. The number of queries does not depend on how many."""
    after = whole_number(request.GET.get("after", ""))
    people = _filtered(form).order_by("username")
    if after is not None:
        last = User.objects.filter(pk=after).values("username")
        people = people.filter(username__gt=Subquery(last))
    found = list(people[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    ways = ways_in(shown)
    more = len(found) > PAGE_SIZE
    return PeoplePage(
        rows=[Row(person, ways.get(person.pk, [])) for person in shown],
        older=query_with(request, after=shown[-1].pk) if more else "",
        newest=query_with(request, after=None) if after is not None else "",
    )


def _filtered(form: PeopleFilter) -> QuerySet[User]:
    """What of the form can be used; a value that cannot narrows nothing."""
    form.is_valid()
    asked, people = form.cleaned_data, User.objects.all()
    if words := asked.get("q"):
        people = people.filter(
            Q(username__icontains=words)
            | Q(first_name__icontains=words)
            | Q(last_name__icontains=words)
        )
    if role := asked.get("role"):
        people = people.filter(role=role)
    if state := asked.get("state"):
        people = people.filter(is_active=state == "active")
    return people
