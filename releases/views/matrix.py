"""Who may do what, as the policy itself asks it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Role
from releases import policy
from releases.models import grants_of
from releases.policy.matrix import MATRIX
from releases.views.filters import person_of

ROLES = [role for role in Role if role != Role.NONE]


@require_GET
def who_may(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    groups = [
        (group, [(right, [role in right.roles for role in ROLES]) for right in rights])
        for group, rights in MATRIX.items()
    ]
    context = {"roles": ROLES, "groups": groups, "grants": grants_of(person)}
    return render(request, "people/who_may.html", context)
