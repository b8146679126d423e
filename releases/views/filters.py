"""What lists have in common: who asks, the ?env= filter, keyset paging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from releases.context import shell_of
from releases.models import Environment, Function
from releases.numbers import whole_number

PAGE_SIZE = 50
M = TypeVar("M", bound=Model)


def person_of(request: HttpRequest) -> User:
    """The signed-in person; LoginRequiredMiddleware lets nobody else get as far as a view."""
    return cast(User, request.user)


def chosen_environment(request: HttpRequest) -> Environment | None:
    """The environment named by ?env=, or None for all. Raises Http404 for an unknown one."""
    environment = shell_of(request).environment
    if environment is None and request.GET.get("env"):
        raise Http404("There is no such environment.")
    return environment


def load_function(request: HttpRequest, pk: int) -> Function:
    """404 where there is none, and where there is none for this person."""
    visible = Function.objects.visible_to(person_of(request)).with_environment()
    return get_object_or_404(visible, pk=pk)


def load_environment(request: HttpRequest, pk: int) -> Environment:
    """As `load_function`."""
    return get_object_or_404(Environment.objects.visible_to(person_of(request)), pk=pk)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Up to 50 rows, newest first, and the queries of the pages around them."""

    rows: list[M]
    older: str
    newest: str

    def __bool__(self) -> bool:
        return bool(self.rows)


def query_with(request: HttpRequest, **changes: Any) -> str:
    """The present query string with some values replaced; None takes one out."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


def page_of(request: HttpRequest, rows: QuerySet[M], *, key: str = "pk") -> Page[M]:
    """One page before `?before=`, by a unique, falling key. One query."""
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(**{f"{key}__lt": before})
    found = list(rows.order_by(f"-{key}")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return Page(
        rows=shown,
        older=query_with(request, before=getattr(shown[-1], key)) if more else "",
        newest=query_with(request, before=None) if before is not None else "",
    )
