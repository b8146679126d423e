"""Functions under release management: the list, one function, adding it, changing its settings."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from releases import drift_policy, policy
from releases.actions.add_function import add_function as add
from releases.actions.change_function import change_function
from releases.actions.refresh_function import refresh_function
from releases.audit import Origin
from releases.aws.errors import AwsError
from releases.errors import InvalidInput
from releases.forms.functions import AddFunctionForm, FunctionSettingsForm
from releases.models import Environment
from releases.numbers import whole_number
from releases.views.filters import chosen_environment, load_function, person_of
from releases.views.function_list import function_page
from releases.views.function_page import PARTS


def _explain(form: Form, error: InvalidInput) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))


@require_GET
def function_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    environment = chosen_environment(request)
    context = {
        "page": function_page(request),
        "can_add": policy.can_add_somewhere(person),
        "environment": environment,
        "can_sync": environment and drift_policy.can_sync_environment(person, environment),
    }
    return render(request, "functions/function_list.html", context)


@require_GET
def function(request: HttpRequest, pk: int) -> HttpResponse:
    found = load_function(request, pk)
    policy.require(policy.can_view(person_of(request)))
    context: dict[str, object] = {}
    for part_context in PARTS.values():
        context |= part_context(request, found)
    return render(request, "functions/function.html", context)


@require_GET
def part(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One part of the function's page, fetched again when something changed."""
    if part not in PARTS:
        raise Http404
    policy.require(policy.can_view(person_of(request)))
    return render(
        request, f"functions/_{part}.html", PARTS[part](request, load_function(request, pk))
    )


@require_http_methods(["GET", "POST"])
def add_function(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    here = Environment.objects.visible_to(person)
    named = here.filter(name=request.GET.get("env", "")).first()
    form = AddFunctionForm(request.POST or None, initial={"environment": named}, here=here)
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        # What is sent is refused by the action, which records it.
        policy.require(policy.can_add_somewhere(person))
    else:
        chosen = {name: form.cleaned_data[name] for name in ("environment", "identifier")}
        try:
            added = add(**chosen, **form.choices(), by=person, origin=Origin.of(request))
            return redirect("releases:function", added.pk)
        except InvalidInput as error:
            _explain(form, error)
        except AwsError as error:
            context["aws_error"] = error
    return render(request, "functions/add_function.html", context)


@require_http_methods(["GET", "POST"])
def change_settings(request: HttpRequest, pk: int) -> HttpResponse:
    person, found = person_of(request), load_function(request, pk)
    form = FunctionSettingsForm.of(found, request.POST or None)
    context: dict[str, object] = {"form": form, "function": found}
    if not form.is_valid():
        # What is sent is refused by the action, which records it.
        policy.require(policy.can_change_function(person, found))
    else:
        try:
            change_function(found, **form.choices(), by=person, origin=Origin.of(request))
            return redirect("releases:function", found.pk)
        except InvalidInput as error:
            _explain(form, error)
        except AwsError as error:
            context["aws_error"] = error
    return render(request, "functions/settings.html", context)


@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    person, found = person_of(request), load_function(request, pk)
    try:
        new = refresh_function(found, by=person, origin=Origin.of(request))
    except AwsError as error:
        messages.error(request, f"{error.headline}. {error.message} {error.advice}".strip())
    else:
        what = f"{len(new)} new version{'s'[: len(new) != 1]}" if new else "no new versions"
        messages.success(request, f"Read {found.name} from AWS: {what}.")
    asked_from = found.releases.filter(pk=whole_number(request.POST.get("release", "")) or 0)
    if asked_from.exists():
        return redirect("releases:release", request.POST["release"])
    return redirect("releases:function", found.pk)
