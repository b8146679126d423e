"""The board of functions and environments, whole and as it is fetched again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releases import policy
from releases.views.filters import person_of
from releases.views.promotion_board import context_of


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    return render(request, "board/board.html", context_of(request, person))


@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The table alone, fetched again whenever something changed."""
    person = person_of(request)
    policy.require(policy.can_view(person))
    return render(request, "board/_board.html", context_of(request, person))
