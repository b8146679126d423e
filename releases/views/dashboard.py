"""The dashboard: what waits for me, what is under way, what is stuck, what went live."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releases import policy
from releases.views.board import board_for
from releases.views.filters import chosen_environment, person_of


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    context = board_for(person, chosen_environment(request))
    return render(request, "dashboard/dashboard.html", context)


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The sections alone, fetched again whenever something changed."""
    person = person_of(request)
    policy.require(policy.can_view(person))
    context = board_for(person, chosen_environment(request)) | {"oob": True}
    return render(request, "dashboard/_board.html", context)
