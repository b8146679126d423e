"""One's own account: what proves who one is, and where one is signed in."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.views import PasswordChangeView
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.factors import Factors
from accounts.models import User
from accounts.oidc.configured import is_configured
from accounts.sessions import end_other_sessions, end_session, sessions_of
from accounts.ways_in import gets_in_otherwise, linked_to
from releases.audit import Origin, record


@require_GET
def security(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    context: dict[str, Any] = {
        "has": Factors.of(person),
        "sessions": list(sessions_of(person)),
        "here": request.session.session_key,
    }
    if is_configured():
        context |= {"linked": linked_to(person), "gets_in_otherwise": gets_in_otherwise(person)}
    return render(request, "accounts/security.html", context)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign oneself out of another browser."""
    if end_session(cast(User, request.user), pk, origin=Origin.of(request)):
        messages.success(request, "Signed out there.")
    else:
        messages.info(request, "That session was over already.")
    return redirect("security")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    person, here = cast(User, request.user), request.session.session_key
    count = end_other_sessions(person, here, origin=Origin.of(request))
    said = f"Signed out of {count} other session{'' if count == 1 else 's'}."
    messages.success(request, said if count else "You are signed in nowhere else.")
    return redirect("security")


class ChangePassword(PasswordChangeView):  # type: ignore[misc]
    """The old password is asked for, so no other question is; elsewhere it signs out."""

    success_url = reverse_lazy("security")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast(User, request.user).has_usable_password():
            messages.info(request, "You have no password here, so there is none to change.")
            return redirect("security")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        person, origin = cast(User, self.request.user), Origin.of(self.request)
        with transaction.atomic():
            record("person.password_changed", by=person, origin=origin)
            answer: HttpResponse = super().form_valid(form)
            end_other_sessions(person, self.request.session.session_key, origin=origin)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error("oldpassword", "enter_current_password"):
            person, origin = cast(User, self.request.user), Origin.of(self.request)
            reason = "the present one was wrong"
            record("person.password_refused", by=person, origin=origin, reason=reason)
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 422
        return answer
