"""How it stands with the seals on the history."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releases import policy
from releases.audit.status import seal_status
from releases.views.filters import person_of


@require_GET
def audit_seals(request: HttpRequest) -> HttpResponse:
    policy.require(policy.can_see_audit(person_of(request)))
    return render(request, "audit/_seals.html", {"seals": seal_status()})
