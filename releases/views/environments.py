"""Environments, for administrators: the list, adding one, changing one."""

from __future__ import annotations

import json
from copy import copy

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from releases import policy
from releases.actions.save_environment import save_environment
from releases.actions.sync_environment import sync_environment
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.forms.environments import EnvironmentForm
from releases.models import Environment
from releases.views.filters import load_environment, person_of


def trust_policy(environment: Environment) -> str:
    """What the role in the environment's account has to trust."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "the ARN that Sluice itself runs as"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": str(environment.external_id)}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


@require_GET
def environment_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    found = Environment.objects.visible_to(person).annotate(function_count=Count("functions"))
    managed = [each for each in found if policy.can_manage_environments(person, each)]
    may_add = policy.can_manage_environments(person)
    if not managed:
        policy.require(may_add)
    context = {"environments": managed, "may_add": may_add}
    return render(request, "environments/list.html", context)


@require_http_methods(["GET", "POST"])
def add_environment(request: HttpRequest) -> HttpResponse:
    return _form_page(request, None, EnvironmentForm(request.POST or None))


@require_http_methods(["GET", "POST"])
def change_environment(request: HttpRequest, pk: int) -> HttpResponse:
    environment = load_environment(request, pk)
    if request.method == "GET":
        policy.require(policy.can_manage_environments(person_of(request), environment))
    # A copy: validating a model form writes to its instance, and the action compares with it.
    form = EnvironmentForm(request.POST or None, instance=copy(environment))
    return _form_page(request, environment, form)


@require_POST
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    person, environment = person_of(request), load_environment(request, pk)
    # The action asks the policy, and records a refusal.
    sync_environment(environment, by=person, origin=Origin.of(request))
    said = f"Reading {environment.name} from AWS: what moved shows within five minutes."
    messages.success(request, said)
    return redirect(f"{reverse('releases:functions')}?env={environment.name}")


def _form_page(
    request: HttpRequest, environment: Environment | None, form: EnvironmentForm
) -> HttpResponse:
    if not form.is_valid():
        # What is sent is refused by the action, which records it.
        policy.require(policy.can_manage_environments(person_of(request), environment))
    else:
        values, origin = form.cleaned_data, Origin.of(request)
        try:
            saved = save_environment(
                environment, values=values, by=person_of(request), origin=origin
            )
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"Saved {saved.name}.")
            return redirect("releases:environment", saved.pk)
    snippet = trust_policy(environment) if environment else ""
    context = {"form": form, "environment": environment, "trust_policy": snippet}
    return render(request, "environments/form.html", context)
