"""The roles of a person for parts of what there is; and the team of a function."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from releases import policy
from releases.actions.grants import give_role, take_role
from releases.actions.set_team import set_team
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.forms.grants import GrantForm, TeamForm
from releases.models import Function, Grant
from releases.views.filters import load_function, person_of
from releases.views.people import load_person

SUGGESTED = 200


@require_http_methods(["GET", "POST"])
def grants(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody has, taking it, and the form that gives more."""
    by, person = person_of(request), load_person(request, pk, policy.can_give_roles)
    form = GrantForm(request.POST or None)
    if not form.is_valid():
        # What can be read is refused by the action, which records it.
        policy.require(policy.can_give_roles(by))
    else:
        try:
            given = give_role(person, **form.chosen(), by=by, origin=Origin.of(request))
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"{person.name} is {given}.")
            return redirect("releases:grants", pk)
    context = {
        "person": person,
        "grants": person.grants.select_related("environment"),
        "form": form,
        "teams": teams(),
    }
    return render(request, "people/grants.html", context, status=422 if form.errors else 200)


@require_POST
def take(request: HttpRequest, pk: int, grant_pk: int) -> HttpResponse:
    by = person_of(request)
    policy.require(policy.can_give_roles(by))
    known = Grant.objects.select_related("person", "environment").filter(person=pk)
    grant = known.filter(pk=grant_pk).first()
    if grant is None:
        messages.info(request, "This role was taken already.")
        return redirect("releases:grants", pk)
    try:
        take_role(grant, by=by, origin=Origin.of(request))
    except InvalidInput as error:
        messages.info(request, str(error))
    else:
        messages.success(request, f"{grant.person.name} is no longer {grant}.")
    return redirect("releases:grants", pk)


@require_http_methods(["GET", "POST"])
def function_team(request: HttpRequest, pk: int) -> HttpResponse:
    by, function = person_of(request), load_function(request, pk)
    form = TeamForm(request.POST if request.method == "POST" else {"team": function.team})
    if request.method == "GET" or not form.is_valid():
        policy.require(policy.can_set_team(by))
    else:
        try:
            set_team(function, form.cleaned_data["team"], by=by, origin=Origin.of(request))
        except InvalidInput as error:
            form.add_error("team", str(error))
        else:
            messages.success(request, f"{function.name} is of {function.team or 'no team'}.")
            return redirect("releases:function_settings", pk)
    context = {"function": function, "form": form, "teams": teams()}
    return render(request, "functions/team.html", context, status=422 if form.errors else 200)


def teams() -> list[str]:
    """Suggested where a team is typed in, by people who see all of them."""
    named = Function.objects.exclude(team="").order_by("team").values_list("team", flat=True)
    return list(named.distinct()[:SUGGESTED])
