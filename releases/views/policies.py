"""Approval policies: the rules of an environment or a function, and what is proposed for them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from releases import policy, policy_changes
from releases.actions.approve_policy_change import approve_policy_change
from releases.actions.change_policy import change_policy
from releases.actions.reject_policy_change import reject_policy_change
from releases.actions.withdraw_policy_change import withdraw_policy_change
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.forms.policies import PolicyForm
from releases.models import Environment, Function, PolicyChange
from releases.views.filters import load_environment, load_function, person_of
from releases.views.pending import pending


@require_http_methods(["GET", "POST"])
def function_policy(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, load_function(request, pk))


@require_http_methods(["GET", "POST"])
def environment_policy(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, load_environment(request, pk))


def address_of(subject: Function | Environment) -> str:
    kind = "function" if isinstance(subject, Function) else "environment"
    return reverse(f"releases:{kind}_policy", args=[subject.pk])


def _page(request: HttpRequest, subject: Function | Environment) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    form = PolicyForm.of(subject, request.POST or None)
    if request.method == "POST" and (form.is_valid() or not _may_propose(request, subject)):
        # Whoever may not is told so by the action, which keeps the attempt.
        own = form.own if form.is_valid() else subject.rules
        reason = form.cleaned_data.get("reason", "") if form.is_valid() else ""
        try:
            change = change_policy(
                subject, own, by=person, origin=Origin.of(request), reason=reason
            )
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _said(subject, change))
            return redirect(address_of(subject))
    return _render(request, subject, form)


def _may_propose(request: HttpRequest, subject: Function | Environment) -> bool:
    return policy_changes.can_propose_policy_change(person_of(request), subject).allowed


def _said(subject: Function | Environment, change: PolicyChange | None) -> str:
    if change is None:
        return f"The approval policy of {subject.name} is in force."
    return f"Proposed. {change.before.who} of the present policy have to approve it."


def _render(
    request: HttpRequest,
    subject: Function | Environment,
    form: PolicyForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    person = person_of(request)
    context = {
        "subject": subject,
        "function": subject if isinstance(subject, Function) else None,
        "environment": subject if isinstance(subject, Environment) else None,
        "form": form,
        "pending": pending(subject, person),
        "may_propose": policy_changes.can_propose_policy_change(person, subject),
        "problem": problem,
        "inheriting": _inheriting(subject, person),
    }
    return render(request, "policies/policy.html", context, status=422 if form.errors else status)


def _inheriting(subject: Function | Environment, person: User) -> list[Function]:
    if isinstance(subject, Function):
        return []
    own = subject.functions.visible_to(person).filter(managers_required__isnull=True)
    return list(own)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    def act(change: PolicyChange) -> None:
        approve_policy_change(change, by=person_of(request), origin=Origin.of(request))

    return _decide(request, pk, act, "You approved the change.")


@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    def act(change: PolicyChange) -> None:
        reason = request.POST.get("reason", "")
        by, origin = person_of(request), Origin.of(request)
        reject_policy_change(change, by=by, origin=origin, reason=reason)

    return _decide(request, pk, act, "You rejected the change.")


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    def act(change: PolicyChange) -> None:
        withdraw_policy_change(change, by=person_of(request), origin=Origin.of(request))

    return _decide(request, pk, act, "You withdrew the change.")


def _decide(
    request: HttpRequest, pk: int, act: Callable[[PolicyChange], None], said: str
) -> HttpResponse:
    related = ("function__environment", "environment", "proposed_by")
    change = get_object_or_404(
        PolicyChange.objects.visible_to(person_of(request)).select_related(*related), pk=pk
    )
    subject = change.subject
    try:
        act(change)
    except InvalidInput as problem:
        form = PolicyForm.of(subject)
        return _render(request, subject, form, problem=str(problem), status=422)
    messages.success(request, said)
    return redirect(address_of(subject))
