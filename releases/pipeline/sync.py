"""The round through an environment: all `$LATEST` at once, then aliases; what moved is polled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from releases.actions.drift import aliases_moved
from releases.audit import record
from releases.audit.aws_calls import reader_for
from releases.aws.errors import AwsError, NotFound, Retryable
from releases.aws.types import ListedFunction
from releases.models import Environment, Function, Release
from releases.models.functions import GONE


def list_environment(environment_id: int) -> None:
    """One ListFunctions, paged: mark the functions that moved, came back, or are gone.

    Changes nothing in AWS. Safe to call at any time, twice, and after a crash anywhere.
    """
    environment = Environment.objects.filter(pk=environment_id).first()
    if environment is None:
        return
    try:
        listed = {each.name: each for each in reader_for(environment).list_functions()}
    except AwsError as error:
        _say(environment, str(error), error.request_ids)
        return
    _say(environment, "")
    Environment.objects.filter(pk=environment.pk).update(listed_count=len(listed))
    moved = [each.pk for each in environment.functions.all() if _moved(each, listed)]
    mark(moved)


def _moved(function: Function, listed: Mapping[str, ListedFunction]) -> bool:
    row = listed.get(function.name)
    if row is None or function.poll_problem == GONE:
        return (row is None) != (function.poll_problem == GONE)
    return row.revision_id != function.latest_revision_id


def mark(function_ids: Sequence[int]) -> None:
    """Something moved: the next tick has them polled, and again until a poll has seen it."""
    unmarked = Function.objects.filter(pk__in=function_ids, moved_at=None)
    unmarked.update(moved_at=timezone.now())


def read_aliases(function_ids: Sequence[int]) -> None:
    """ListAliases of a few functions of one environment; a busy AWS leaves the rest for later."""
    rows = Function.objects.with_environment()
    for function in rows.filter(pk__in=function_ids).prefetch_related("aliases"):
        began = timezone.now()
        try:
            aliases = list(reader_for(function.environment).list_aliases(function.name))
        except NotFound:
            mark([function.pk])
        except Retryable:
            return
        except AwsError:
            # The poll meets it as well, and says it once.
            mark([function.pk])
        else:
            if aliases_moved(function, aliases):
                mark([function.pk])
            else:
                _seen_as_known(function, began)


def _seen_as_known(function: Function, began: datetime) -> None:
    """In flight, a step may be writing: since when its calls count is not for us to move."""
    flying = Release.objects.in_flight().filter(function=OuterRef("pk"))
    same = Function.objects.filter(~Exists(flying), pk=function.pk, moved_at=None)
    same.filter(synced_at__lt=began).update(synced_at=began)


def _say(environment: Environment, problem: str, ids: Sequence[str] = ()) -> None:
    """What keeps a round from beginning, or that nothing does any more: once."""
    problem = problem[:500]
    with transaction.atomic():
        others = Environment.objects.filter(pk=environment.pk).exclude(list_problem=problem)
        if not others.update(list_problem=problem):
            return
        if problem:
            record(
                "environment.unreadable",
                by=None,
                environment=environment,
                problem=problem,
                aws_request_ids=ids,
            )
        else:
            record("environment.readable", by=None, environment=environment)
