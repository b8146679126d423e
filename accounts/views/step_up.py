"""The question whether it is really them: in a dialog, before the form behind it is sent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import StepUpForm
from accounts.step_up import ask, is_recent, limit_of, proven


@sensitive_post_parameters("step_up-password", "step_up-code", "step_up-credential")
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Nothing to ask is 204 for the dialog; a page goes on to `next`."""
    kind = _kind(request)
    form = StepUpForm.of(request)
    done = request.method == "POST" and proven(request, form)
    # Also sent without an answer: the provider was asked in a tab of its own meanwhile.
    done = done or (not form.given and is_recent(request, kind))
    in_dialog = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    if done:
        return HttpResponse(status=204) if in_dialog else redirect(_next(request))
    to = f"{reverse('step_up')}?{urlencode({'for': kind})}"
    kept = [("next", _next(request))]
    template = "step_up/dialog.html" if in_dialog else "step_up/page.html"
    return ask(request, template, {"form": form, "kept": kept, "to": to, "back": "/"}, kind)


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("for", "")
    try:
        limit_of(kind)
    except KeyError:
        raise Http404("Nothing asks for such a sign-in.") from None
    return kind


def _next(request: HttpRequest) -> str:
    """Where to go on, which is never another site."""
    to = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure())
    return to if ours else "/"
