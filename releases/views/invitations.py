"""Invitations: the list, making one with its link, revoking one, and joining by one."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Invitation, Role, User
from accounts.sign_ins import unknown_code
from releases import policy
from releases.actions.invite import (
    accept_invitation,
    find_invitation,
    invite,
    revoke_invitation,
)
from releases.audit import Origin
from releases.errors import InvalidInput, StalePerson
from releases.forms.people import AcceptForm, InvitationForm
from releases.views.filters import page_of, person_of


@require_GET
def invitation_list(request: HttpRequest) -> HttpResponse:
    policy.require(policy.can_manage_people(person_of(request)))
    invitations = Invitation.objects.select_related("invited_by", "person")
    return render(request, "invitations/list.html", {"page": page_of(request, invitations)})


@never_cache
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """The form, and then, once, the link: it is in no address and in no session."""
    by = person_of(request)
    form = InvitationForm(request.POST or None, initial={"role": Role.DEVELOPER})
    if not form.is_valid():
        policy.require(policy.can_manage_people(by))
    else:
        said = form.cleaned_data
        try:
            invitation, code = invite(
                said["username"], said["name"], Role(said["role"]),
                by=by, origin=Origin.of(request),
            )  # fmt: skip
        except InvalidInput as error:
            form.add_error(error.field, str(error))
        else:
            # After the #, which browsers send to no server: it is in no log of one.
            link = request.build_absolute_uri(f"{reverse('releases:join')}#{code}")
            context = {"invitation": invitation, "link": link}
            return render(request, "invitations/made.html", context, status=201)
    status = 422 if form.errors else 200
    return render(request, "invitations/form.html", {"form": form}, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    revoke_invitation(invitation, by=person_of(request), origin=Origin.of(request))
    messages.success(request, f"The invitation of {invitation.username} is revoked.")
    return redirect("releases:invitations")


@never_cache
@login_not_required
@sensitive_post_parameters("code", "password", "again")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Where the link leads: a script sends its code, which answers with the form of a password."""
    if isinstance(request.user, User):
        if request.method == "POST":
            raise StalePerson(
                f"You are signed in as {request.user.name}. Sign out to use an invitation."
            )
        return render(request, "invitations/join.html", {"signed_in": True})
    if request.method == "GET":
        return render(request, "invitations/join.html")
    code = request.POST.get("code", "").strip().rpartition("#")[2]
    origin = Origin.of(request)
    invitation = find_invitation(code, origin=origin)
    if invitation is None:
        unknown_code(request, "invitation")
    if invitation is None or invitation.why_not:
        problem = invitation.why_not if invitation else "nobody was invited with it"
        return render(request, "invitations/join.html", {"problem": problem}, status=403)
    form = AcceptForm(request.POST if "password" in request.POST else None)
    if form.is_valid():
        try:
            person = accept_invitation(invitation, form.cleaned_data["password"], origin=origin)
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except StalePerson:
            # Somebody was faster with the same link; asking once more leaves the row of it.
            late = find_invitation(code, origin=origin)
            problem = late.why_not if late else ""
            return render(request, "invitations/join.html", {"problem": problem}, status=409)
        else:
            credentials = {"username": person.username}
            answer: HttpResponse = perform_password_login(request, credentials, Login(user=person))
            return answer
    context = {"form": form, "invitation": invitation, "code": code}
    return render(request, "invitations/join.html", context, status=422 if form.errors else 200)
