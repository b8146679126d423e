"""Break-glass codes: the paper that an administrator prints, and signing in with one of it."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.ratelimit import consume
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.break_glass import IN_SESSION
from accounts.models import BreakGlassCode, User
from accounts.sign_ins import sign_in_limited
from releases import policy
from releases.actions.break_glass import GOOD_FOR, HOW_MANY, print_codes, revoke_codes, use_code
from releases.audit import Origin
from releases.errors import StalePerson
from releases.views.filters import person_of
from releases.views.people import load_person

RATES = {"break_glass": "5/m/ip,5/300s/key"}


@never_cache
@require_http_methods(["GET", "POST"])
def codes(request: HttpRequest, pk: int) -> HttpResponse:
    """What is printed already, and then, once, new codes."""
    by, person = person_of(request), load_person(request, pk, policy.can_manage_people)
    context = {"person": person, "days": GOOD_FOR.days, "count": HOW_MANY}
    if request.method == "POST":
        context["codes"] = print_codes(person, by=by, origin=Origin.of(request))
        return render(request, "break_glass/paper.html", context, status=201)
    policy.require(policy.can_manage_people(by))
    printed = BreakGlassCode.objects.filter(person=person, used_at=None, revoked_at=None)
    context |= {
        "open_count": printed.count(),
        "newest": printed.select_related("printed_by").first(),
        "may_print": policy.can_print_codes(by, person),
    }
    return render(request, "break_glass/codes.html", context)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    person = load_person(request, pk, policy.can_manage_people)
    count = revoke_codes(person, by=person_of(request), origin=Origin.of(request))
    messages.success(request, f"{count} break-glass codes of {person.name} let nobody in any more.")
    return redirect("releases:print_codes", pk)


@never_cache
@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Signs in whoever has a code, without any second factor: the code is on paper."""
    if isinstance(request.user, User):
        if request.method == "POST":
            raise StalePerson(f"You are signed in as {request.user.name} already.")
        return redirect("releases:dashboard")
    if request.method == "GET":
        return render(request, "break_glass/enter.html")
    username = request.POST.get("username", "").strip()
    if not consume(request, app="sluice", action="break_glass", config=RATES, key=username):
        sign_in_limited(request, username)
        return _again(request, "Too many codes were tried. Wait five minutes.", status=429)
    code = use_code(username, request.POST.get("code", ""), origin=Origin.of(request))
    if code is None:
        return _again(request, "This code lets nobody in. Look for typing errors, or try the next.")
    get_adapter().login(request, code.person)
    record_authentication(request, code.person, "break_glass")
    request.session[IN_SESSION] = code.pk
    # A time of day: seconds would begin anew whenever the session is saved.
    request.session.set_expiry(code.session_ends_at)
    UserSession.objects.create_from_request(request)
    messages.warning(request, "You are signed in with a break-glass code. Everybody can see that.")
    return redirect("releases:dashboard")


def _again(request: HttpRequest, problem: str, *, status: int = 403) -> HttpResponse:
    return render(request, "break_glass/enter.html", {"problem": problem}, status=status)
