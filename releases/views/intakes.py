"""Bringing packages in: a streamed upload, an S3 object or an image, and what became of it."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from releases import policy
from releases.actions.receive_upload import receive_upload
from releases.actions.request_image import request_image
from releases.actions.request_object import request_object
from releases.audit import Origin
from releases.errors import InvalidInput, NotAllowed, Refused
from releases.forms.releases import ImageForm, S3Form
from releases.models import Function, Intake
from releases.packages.errors import PackageError
from releases.views.intake_panel import IntakePanel
from releases.views.new_release import typed_again

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 65_536


@login_not_required
@require_http_methods(["PUT"])
def upload(request: HttpRequest) -> JsonResponse:
    """Take the request's body as a package. A refusal is answered before any of it is read.

    Whoever is signed out is told so here: a browser cannot follow a redirect in mid upload.
    """
    if not request.user.is_authenticated:
        return _problem(401, "You are signed out.", "Sign in again, then upload the package.")
    user = _user(request)
    visible = Function.objects.visible_to(user)
    function = visible.filter(pk=_number(request.GET.get("function"))).first()
    if function is None:
        return _problem(404, "This function is not under release management.", "Choose another.")
    try:
        intake = receive_upload(
            function=function,
            stream_chunks=iter(partial(request.read, CHUNK), b""),
            name=request.GET.get("name", "")[:255],
            declared_size=_number(request.headers.get("Content-Length")) or None,
            by=user,
            origin=Origin.of(request),
        )
    except NotAllowed as refusal:
        return _problem(403, str(refusal), "Ask a developer or a release manager to upload it.")
    except UnreadablePostError:
        return _problem(400, "The upload broke off.", "Upload the package again.")
    except PackageError as problem:
        return _problem(422, problem.message, problem.advice)
    except (InvalidInput, Refused) as problem:
        return _problem(422 if isinstance(problem, InvalidInput) else 409, str(problem), "")
    address = reverse("releases:intake", args=[intake.pk])
    return JsonResponse({"intake": str(intake.pk), "url": address}, status=201)


@require_POST
def from_s3(request: HttpRequest) -> HttpResponse:
    def act(function: Function, form: Form) -> Intake:
        origin = Origin.of(request)
        return request_object(
            function=function, by=_user(request), origin=origin, **form.cleaned_data
        )

    return _bring_in(request, S3Form(request.POST), act)


@require_POST
def from_image(request: HttpRequest) -> HttpResponse:
    def act(function: Function, form: Form) -> Intake:
        uri = form.cleaned_data["image_uri"]
        return request_image(
            function=function, uri=uri, by=_user(request), origin=Origin.of(request)
        )

    return _bring_in(request, ImageForm(request.POST), act)


@require_GET
def intake(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The inspection as it stands; fetched again until it is over."""
    policy.require(policy.can_view(_user(request)))
    visible = Intake.objects.visible_to(_user(request))
    related = visible.select_related("function", "artifact", "person")
    panel = IntakePanel.of(get_object_or_404(related, pk=pk), _user(request))
    return render(request, "releases/_intake.html", {"panel": panel})


def _bring_in(
    request: HttpRequest, form: Form, act: Callable[[Function, Form], Intake]
) -> HttpResponse:
    visible = Function.objects.visible_to(_user(request))
    function = get_object_or_404(visible, pk=_number(request.POST.get("function")))
    problem = _first_error(form)
    if problem:
        # What can be read is refused by the action, which records it.
        policy.require(policy.can_create_release(_user(request), function))
    else:
        try:
            return _brought_in(request, act(function, form))
        except (InvalidInput, PackageError) as error:
            problem = " ".join(filter(None, [str(error), getattr(error, "advice", "")]))
    if request.headers.get("HX-Request"):
        return render(request, "releases/_intake.html", {"problem": problem}, status=422)
    messages.error(request, f"The package was not taken: {problem}")
    return redirect(typed_again(request))


def _brought_in(request: HttpRequest, intake: Intake) -> HttpResponse:
    if request.headers.get("HX-Request"):
        panel = IntakePanel.of(intake, _user(request))
        return render(request, "releases/_intake.html", {"panel": panel})
    return redirect(typed_again(request, intake=str(intake.pk)))


def _first_error(form: Form) -> str:
    for name, errors in form.errors.items():
        return f"{form[name].label}: {errors[0]}" if name in form.fields else str(errors[0])
    return ""


def _problem(status: int, problem: str, advice: str) -> JsonResponse:
    return JsonResponse({"problem": problem, "advice": advice}, status=status)


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 19 else 0


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101
    return request.user
