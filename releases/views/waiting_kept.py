"""What waits for people, by statements that take longer to build than to run: each is built once.

What a role and grants ask is kept for all who have the same; who asks, and when, is put in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.models import User
from releases.models import Release
from releases.models.grants import grants_of
from releases.views.waiting import (
    policy_changes_for,
    rollbacks_for,
    waiting_for,
    with_approvals,
)

# Whom the kept statement was built for, and which releases: no row has this key.
NOBODY = -1
SOME = [-1]
# More than there are kinds of approvers: a few roles, and grants for a few teams.
MOST_KEPT = 1000
# SQL and its values; empty where nothing can be found.
Statement = tuple[str, tuple[object, ...]]
_kept: dict[tuple[object, ...], Statement] = {}


class Approvals(NamedTuple):
    """Of one release: how many count, and how many are asked for in all."""

    given: int
    needed: int


def count_waiting(user: User) -> int:
    """How much waits for this person: as many as the three queries find. At most one query."""
    found = _rows_for(user, _counting)
    return int(found[0][0]) if found else 0


def ids_waiting_for(user: User) -> list[int]:
    """The releases that `waiting_for` finds, longest wait first. At most one query."""
    return [pk for (pk,) in _rows_for(user, _listing)]


def approvals_of(releases: Collection[int]) -> dict[int, Approvals]:
    """By release id, as `with_approvals` counts them. At most one query."""
    if not releases:
        return {}
    statement = _keep(("approvals",), _approving)
    return {pk: Approvals(*rest) for pk, *rest in _run(statement, {"releases": list(releases)})}


def _rows_for(user: User, build: Callable[[User], Statement]) -> list[tuple[Any, ...]]:
    if not user.is_active:
        return []
    given = (
        (each.role, each.kind, each.environment_id, each.team, each.like)
        for each in grants_of(user)
    )

    def built() -> Statement:
        anybody = copy(user)
        anybody.pk = NOBODY
        return build(anybody)

    return _run(_keep((build, user.role, *given), built), {"person": user.pk})


def _keep(key: tuple[object, ...], build: Callable[[], Statement]) -> Statement:
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = found = build()
    return found


def _run(statement: Statement, asked: dict[str, object]) -> list[tuple[Any, ...]]:
    sql, kept = statement
    if not sql:
        return []
    now = timezone.now()

    def value(each: object) -> Any:
        if isinstance(each, datetime):
            return now
        if each == NOBODY:
            return asked["person"]
        return asked["releases"] if each == SOME else each

    with connection.cursor() as cursor:
        cursor.execute(sql, [value(each) for each in kept])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _counting(user: User) -> Statement:
    asked: tuple[QuerySet[Any], ...] = (
        waiting_for(user),
        policy_changes_for(user),
        rollbacks_for(user),
    )
    found = [_of(each.order_by().values("pk")) for each in asked]
    parts = [f"SELECT count(*) AS n FROM ({sql}) AS asked" for sql, _ in found if sql]  # noqa: S608
    if not parts:
        return "", ()
    values = tuple(value for _, more in found for value in more)
    return f"SELECT sum(n) FROM ({' UNION ALL '.join(parts)}) AS counts", values  # noqa: S608


def _listing(user: User) -> Statement:
    return _of(waiting_for(user).values_list("pk"))


def _approving() -> Statement:
    some = Release.objects.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", (SOME,)))
    counted: QuerySet[Any] = with_approvals(some)
    return _of(counted.values_list("pk", "approvals", "approvals_needed"))


def _of(rows: QuerySet[Any, Any]) -> Statement:
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(values)
