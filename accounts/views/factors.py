"""Adding and removing second factors: allauth does it, and the history says so with it."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.factors import Factors, name_of
from accounts.people import lock_people
from accounts.ways_in import is_only_way_in
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, record
from releases.errors import StalePerson

SECURITY = reverse_lazy("security")
ONLY_WAY_IN = "It is your only way in. Add another passkey first."


@method_decorator(never_cache, name="dispatch")
class AddApp(ActivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            factor = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
            _record(self.request, "person.factor_added", factor)
        return answer

    def get_success_url(self) -> str:
        return _next(self.did_generate_recovery_codes)


@method_decorator(never_cache, name="dispatch")
class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            newest = Factors.of(self.request.user).passkeys[-1]
            _record(self.request, "person.factor_added", newest)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth's own question is for keys that may be no passkeys.
        asked = json.dumps(begin_registration(self.request.user, passwordless=True))
        found: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**kwargs)
        return found | {"passkey_options": asked}

    def get_success_url(self) -> str:
        return _next(self.did_generate_recovery_codes)


class RemoveApp(DeactivateTOTPView):  # type: ignore[misc]
    success_url = SECURITY

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not Factors.of(request.user).app:  # type: ignore[arg-type]
            return redirect("security")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            _record(self.request, "person.factor_removed", self.authenticator)
            answer: HttpResponse = super().form_valid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"name": "the authenticator app", "is_last": _is_last(self.request)}


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    success_url = SECURITY
    template_name = "mfa/totp/deactivate_form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        by, origin, name = self.object.user, Origin.of(self.request), name_of(self.object)
        with (
            recorded_refusal("person.factor_kept", by=by, origin=origin, factor=name),
            transaction.atomic(),
        ):
            # Two passkeys removed at once must not both count on the other.
            lock_people(by)
            if is_only_way_in(self.object):
                raise StalePerson(ONLY_WAY_IN)
            _record(self.request, "person.factor_removed", self.object)
            answer: HttpResponse = super().form_valid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {
            "name": name_of(self.object),
            "is_last": _is_last(self.request),
            "only_way_in": ONLY_WAY_IN if is_only_way_in(self.object) else "",
        }


class NewRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            person = self.request.user
            record("person.recovery_codes_made", by=person, origin=Origin.of(self.request))
        return answer


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """Shown once, right after they were made."""


def _record(request: HttpRequest, action: str, factor: Authenticator) -> None:
    record(action, by=request.user, origin=Origin.of(request), factor=name_of(factor))  # type: ignore[arg-type]


def _next(made_codes: bool) -> str:
    return reverse("mfa_view_recovery_codes") if made_codes else str(SECURITY)


def _is_last(request: HttpRequest) -> bool:
    has = Factors.of(request.user)  # type: ignore[arg-type]
    return len(has.passkeys) + bool(has.app) == 1
