"""The release page, and its parts as they are fetched again when something happened."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from releases import policy
from releases.models import Release
from releases.views import release_data
from releases.views.diff_choice import choice_of, remember_choice

PARTS = {
    name: f"releases/_{name}.html"
    for name in (
        "live",
        "head",
        "notices",
        "schedule",
        "rail",
        "conflict",
        "identity",
        "changes",
        "configuration",
        "approvals",
        "decide",
        "about",
        "reviewers",
        "dialogs",
        "comments",
        "calls",
        "history",
    )
}


@require_safe
def release(request: HttpRequest, pk: int) -> HttpResponse:
    page = render(request, "releases/release.html", context(request, load(request, pk)))
    return remember_choice(request, page)


@require_safe
def part(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One part; `live` is all of them at once, each swapped by its id."""
    if part not in PARTS:
        raise Http404(f"The release page has no part “{part}”.")
    found = render(request, PARTS[part], context(request, load(request, pk)))
    return remember_choice(request, found)


def load(request: HttpRequest, pk: int) -> Release:
    assert isinstance(request.user, User)  # noqa: S101
    policy.require(policy.can_view(request.user))
    found = release_data.load(pk, request.user)
    if found is None:
        raise Http404(f"There is no R-{pk}.")
    return found


def context(request: HttpRequest, found: Release, **more: object) -> dict[str, object]:
    assert isinstance(request.user, User)  # noqa: S101
    page = release_data.gather(
        found,
        request.user,
        shown=request.GET.get("fingerprint", ""),
        all_calls=request.GET.get("calls") == "all",
        choice=choice_of(request),
        compared=request.GET.get("compared", ""),
    )
    return {"page": page, "release": found, **more}
