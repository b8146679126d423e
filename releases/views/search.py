"""The search: one box on every page, a page of its own, and suggestions while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from releases import policy
from releases.models import Release
from releases.numbers import release_number
from releases.views.filters import person_of
from releases.views.search_groups import find

SHOWN, SUGGESTED = 25, 5


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """`?q=`; the whole of a release's reference leads to the release itself."""
    person = person_of(request)
    policy.require(policy.can_view(person))
    text = request.GET.get("q", "")
    if request.headers.get("HX-Target") == "quick-results":
        found = find(text, person, most=SUGGESTED)
        return render(request, "search/_suggestions.html", {"found": found})
    if text.strip().upper().startswith("R-"):
        number = release_number(text) or 0
        exact = Release.objects.visible_to(person).filter(pk=number).first()
        if exact:
            return redirect("releases:release", exact.pk)
    return render(request, "search/search.html", {"found": find(text, person, most=SHOWN)})
