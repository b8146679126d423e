"""People: the list, a person's page, another role, out and in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Role, User
from accounts.oidc.configured import is_configured
from accounts.ways_in import linked_to, ways_in
from releases import policy
from releases.actions.change_person import change_role, deactivate_person, reactivate_person
from releases.audit import Origin
from releases.audit.search import NEWEST_FIRST
from releases.errors import InvalidInput
from releases.forms.people import PeopleFilter, RoleForm
from releases.models import AuditEvent, sees_everything
from releases.policy import Decision
from releases.views.audit_rows import lines
from releases.views.filters import PAGE_SIZE, person_of
from releases.views.people_list import people_page


@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    policy.require(policy.can_manage_people(person_of(request)))
    form = PeopleFilter(request.GET)
    context = {"page": people_page(request, form), "form": form}
    return render(request, "people/list.html", context)


@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever may read the history may read one person's part of it.

    To somebody who sees a part there is nobody but those who did something in it.
    """
    reader = person_of(request)
    policy.require(policy.can_see_audit(reader))
    shown = get_object_or_404(User, pk=pk)
    # By number, so that what they did under another name is theirs, too.
    visible = AuditEvent.objects.visible_to(reader)
    done = visible.filter(actor_id=pk).order_by(*NEWEST_FIRST)[:PAGE_SIZE]
    if not (done or reader.pk == pk or sees_everything(reader)):
        raise Http404("There is no such person.")
    context: dict[str, Any] = {
        "person": shown,
        "lines": lines(done),
        "may_link": reader.pk == pk and is_configured() and not linked_to(reader),
    }
    if policy.can_manage_people(reader):
        was = request.GET.get("was", "")
        context |= {
            "ways": ways_in([shown])[pk],
            "may_change": policy.can_change_person(reader, shown),
            "may_print": policy.can_print_codes(reader, shown),
            "undo_role": Role(was) if was in Role.values and was != shown.role else None,
        }
    return render(request, "people/person.html", context)


def load_person(request: HttpRequest, pk: int, may: Callable[[User], Decision]) -> User:
    """Who is to be changed. Raises Http404, but only to those who `may`: to all others it is the
    same no, whether there is such a person or not."""
    found = User.objects.filter(pk=pk).first()
    if found is None:
        policy.require(may(person_of(request)))
        raise Http404("There is no such person.")
    return found


@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, pk: int) -> HttpResponse:
    shown, by = load_person(request, pk, policy.can_manage_people), person_of(request)
    form = RoleForm(request.POST or None, initial={"role": shown.role})
    if request.method == "GET" or not form.is_valid():
        policy.require(policy.can_change_person(by, shown))
    else:
        becomes = Role(form.cleaned_data["role"])
        seen = request.POST.get("seen", "")
        try:
            change_role(shown, becomes, seen=seen, by=by, origin=Origin.of(request))
        except InvalidInput as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, f"{shown.name} {becomes.of_somebody} now.")
            return redirect(f"{reverse('releases:person', args=[pk])}?was={seen}")
    context = {"form": form, "person": shown}
    return render(request, "people/role.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    shown, by = load_person(request, pk, policy.can_manage_people), person_of(request)
    if request.method == "GET":
        policy.require(policy.can_change_person(by, shown))
        return render(request, "people/deactivate.html", {"person": shown})
    deactivate_person(shown, by=by, origin=Origin.of(request))
    messages.success(request, f"{shown.name} is deactivated and signed out everywhere.")
    return redirect("releases:person", pk)


@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load_person(request, pk, policy.can_manage_people)
    reactivate_person(shown, by=person_of(request), origin=Origin.of(request))
    messages.success(request, f"{shown.name} can sign in again.")
    return redirect("releases:person", pk)
