"""How it stands with the seals on the history."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releases import policy
from releases.audit.status import seal_status
from releases.models import sees_everything
from releases.views.filters import person_of


@require_GET
def audit_seals(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_see_audit(person))
    context = {"seals": seal_status(), "sees_all": sees_everything(person)}
    return render(request, "audit/_seals.html", context)
