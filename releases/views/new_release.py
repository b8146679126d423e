"""Asking for a release: which function, which package, and what reviewers should know."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from releases import policy
from releases.actions.create_release import create_release
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.forms.releases import IMAGE, LATEST, S3, UPLOAD, NewReleaseForm
from releases.holds import Frozen, open_freezes
from releases.models import Function, Intake, Release
from releases.states import FINAL
from releases.views.intake_panel import IntakePanel
from releases.views.schedule import moment_typed

TYPED = tuple(name for name in NewReleaseForm.base_fields if name != "intake")


@dataclass(frozen=True)
class NewReleasePage:
    functions: list[Function]
    function: Function | None
    may: policy.Decision
    unfinished: list[Release]
    panel: IntakePanel | None
    source: str
    freezes: list[Frozen]


@require_http_methods(["GET", "HEAD", "POST"])
def new_release(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    policy.require(policy.can_view(user))
    form = NewReleaseForm(request.POST, person=user) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            made = _create(
                form,
                user,
                Origin.of(request),
                not_before=moment_typed(request),
                as_draft="draft" in request.POST,
            )
            return redirect("releases:release", made.pk)
        except InvalidInput as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
    typed = request.POST if form is not None else request.GET
    shown = form or NewReleaseForm(
        initial={name: typed.get(name, "") for name in TYPED}, person=user
    )
    page = _gather(typed.get("function"), typed.get("intake"), typed.get("source"), user)
    context = {"form": shown, "page": page}
    return render(request, "releases/new_release.html", context, status=422 if form else 200)


def typed_again(request: HttpRequest, **more: str) -> str:
    """The address of the form with everything that was typed, for browsers without scripts."""
    typed = {name: request.POST[name] for name in TYPED if request.POST.get(name)}
    return f"{reverse('releases:new')}?{urlencode(typed | more)}"


def _create(
    form: NewReleaseForm, by: User, origin: Origin, *, not_before: datetime | None, as_draft: bool
) -> Release:
    names = ("function", "intake", "description", "architecture", "git_commit", "change_url")
    wanted = {name: form.cleaned_data[name] for name in names}
    return create_release(by=by, origin=origin, not_before=not_before, as_draft=as_draft, **wanted)


def _gather(
    function_id: str | None, intake_id: str | None, source: str | None, user: User
) -> NewReleasePage:
    functions = list(
        Function.objects.visible_to(user).with_environment().order_by("environment__name", "name")
    )
    function = next((each for each in functions if str(each.pk) == function_id), None)
    return NewReleasePage(
        functions=functions,
        function=function,
        may=(
            policy.can_create_release(user, function)
            if function
            else policy.can_create_some_release(user)
        ),
        unfinished=_unfinished(function),
        panel=_panel(intake_id, function, user),
        source=_source(source, function),
        freezes=open_freezes(function.environment_id) if function else [],
    )


def _source(source: str | None, function: Function | None) -> str:
    """The way in that is shown: an image function takes images, every other one packages."""
    if source == LATEST:
        return LATEST
    if function is not None and function.package_type == "Image":
        return IMAGE
    return source if source in (UPLOAD, S3) else UPLOAD


def _unfinished(function: Function | None) -> list[Release]:
    if function is None:
        return []
    draft = Q(state="draft")
    return list(function.releases.exclude(Q(state__in=FINAL) | draft).order_by("pk"))


def _panel(intake_id: str | None, function: Function | None, user: User) -> IntakePanel | None:
    """A package belongs to the function it was brought in for, and is dropped with it."""
    try:
        wanted = uuid.UUID(intake_id or "")
    except ValueError:
        return None
    related = Intake.objects.select_related("function", "artifact", "person")
    found = related.filter(pk=wanted, function=function).first() if function else None
    return IntakePanel.of(found, user) if found else None


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101
    return request.user
