"""Step-up: what matters most asks for a recent sign-in, where the person is at work.

An address that is guarded answers a stale session with the question instead of acting, and keeps
what was typed; the right answer, sent along with it, acts. Pages with scripts ask beforehand, at
an address of their own (`accounts.views.step_up`), so that nobody leaves the sheet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import cast

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms import StepUpForm
from accounts.middleware import READS, page_before
from accounts.models import User
from accounts.sign_ins import step_up_failed, stepped_up

View = Callable[..., HttpResponseBase]
DECIDE, ROLL_BACK = "decide", "roll_back"
# In the session: when the identity provider asked this person who they are.
PROVIDER_ASKED_AT = "provider_asked_at"
# RFC 9470's code for it; no browser knows the scheme, so none asks in a window of its own.
CHALLENGE = 'StepUp error="insufficient_user_authentication", max_age={}'


def limit_of(kind: str) -> timedelta:
    """How long ago the sign-in may be. Raises KeyError for a kind that there is not."""
    return {
        DECIDE: timedelta(minutes=settings.SLUICE_STEP_UP_MINUTES),
        ROLL_BACK: timedelta(hours=settings.SLUICE_ROLL_BACK_STEP_UP_HOURS),
    }[kind]


def is_recent(request: HttpRequest, kind: str) -> bool:
    """Whether this person proved in this session, recently enough, that it is them."""
    records = get_authentication_records(request, request.user)
    # A provider that knew them still asked nothing: its own word for when it did counts instead.
    own = [record["at"] for record in records if record["method"] != "socialaccount"]
    newest = max([*own, request.session.get(PROVIDER_ASKED_AT, 0.0)])
    return bool(time.time() - newest <= limit_of(kind).total_seconds())


def asks_for(kind: str) -> Callable[[View], View]:
    """Guard what a view does; looking is free."""
    return lambda view: _guarded(view, kind)


def asks_to_look(view: View) -> View:
    """Guard looking, too, where the page itself is the secret: to the question and back."""
    return _guarded(view, DECIDE, looking=True)


def _guarded(view: View, kind: str, *, looking: bool = False) -> View:
    @sensitive_post_parameters("step_up-password", "step_up-code", "step_up-credential")
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        is_look = request.method in READS
        if (is_look and not looking) or is_recent(request, kind):
            return view(request, *args, **kwargs)
        if is_look:
            asked = {"for": kind, "next": request.get_full_path()}
            return redirect(f"{reverse('step_up')}?{urlencode(asked)}")
        form = StepUpForm.of(request)
        if form.is_bound and proven(request, form):
            return view(request, *args, **kwargs)
        return _ask(request, kind, form)

    return guarded


def proven(request: HttpRequest, form: StepUpForm) -> bool:
    """Whether the answer is right. Either way the history says so; it counts from now on."""
    person = cast(User, request.user)
    if not form.is_valid():
        if form.given:
            step_up_failed(request, person, form.how, limited=form.is_limited)
        return False
    form.save(request)
    stepped_up(request, person, form.how)
    return True


def _ask(request: HttpRequest, kind: str, form: StepUpForm) -> HttpResponse:
    """The question as a page, which holds what was typed and sends it where it was going."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and not name.startswith(f"{form.prefix}-")
        for value in values
    ]
    said = {"form": form, "kept": kept, "to": request.get_full_path(), "back": page_before(request)}
    return ask(request, "step_up/page.html", said, kind)


def ask(request: HttpRequest, template: str, context: dict[str, object], kind: str) -> HttpResponse:
    limit = limit_of(kind)
    response = render(request, template, context | {"limit": _words(limit)}, status=401)
    response.headers["WWW-Authenticate"] = CHALLENGE.format(int(limit.total_seconds()))
    add_never_cache_headers(response)
    return response


def _words(limit: timedelta) -> str:
    minutes = int(limit.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    many, unit = (minutes, "minute") if rest else (hours, "hour")
    return f"{many} {unit}{'' if many == 1 else 's'}"
