"""The difference that an address names: a release's, or one between two states of a function."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest

from releases import policy
from releases.models import CodeComparison, Comparison, Round
from releases.views.compared import Pair, pair_of
from releases.views.filters import person_of
from releases.views.release import load
from releases.views.subjects import Subject, code_pair, of_code, of_release


class NoFiles(Http404):
    """What was asked about is there, and so are its files not: not yet, or not these any more."""


Find = Callable[[HttpRequest, int], tuple[Subject, Pair]]


def find_release(request: HttpRequest, pk: int) -> tuple[Subject, Pair]:
    """Asks the policy; 404 where there are no files to compare, or not yet."""
    release = load(request, pk)
    round_ = release.current_round
    return of_release(release), _ready(round_, pair_of(release, round_))


def find_code(request: HttpRequest, pk: int) -> tuple[Subject, Pair]:
    """As `find_release`, for two states of a function."""
    row = load_code(request, pk)
    return of_code(row), _ready(row, code_pair(row))


def load_code(request: HttpRequest, pk: int) -> CodeComparison:
    """Asks the policy."""
    policy.require(policy.can_view(person_of(request)))
    visible = CodeComparison.objects.visible_to(person_of(request))
    row = visible.select_related("function__environment").filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such comparison.")
    return row


def _ready(row: Round | CodeComparison | None, pair: Pair | None) -> Pair:
    if pair is None or row is None or row.comparison != Comparison.DONE:
        raise NoFiles("There are no files to compare here.")
    return pair
