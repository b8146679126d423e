"""A person: their role, and what they did."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.models import User
from releases import policy
from releases.audit.search import NEWEST_FIRST
from releases.models import AuditEvent
from releases.views.audit_rows import lines
from releases.views.filters import PAGE_SIZE, person_of


@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever may read the whole history may read one person's part of it."""
    policy.require(policy.can_see_audit(person_of(request)))
    shown = get_object_or_404(User, pk=pk)
    # By number, so that what they did under another name is theirs, too.
    done = AuditEvent.objects.filter(actor_id=pk).order_by(*NEWEST_FIRST)[:PAGE_SIZE]
    return render(request, "people/person.html", {"person": shown, "lines": lines(done)})
