"""Views of the history: the list above it, saving the present filter, changing and removing one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from releases import policy
from releases.actions.audit_views import change_view, remove_view, save_view
from releases.audit import Origin
from releases.audit.search import Search
from releases.errors import InvalidInput
from releases.forms.audit import ViewForm
from releases.models import AuditView
from releases.views.errors import NOT_RIGHT, keep_attempt
from releases.views.filters import person_of


@dataclass(frozen=True)
class Offered:
    view: AuditView
    is_own: bool
    is_shown: bool

    @property
    def href(self) -> str:
        return f"{reverse('releases:audit')}?{self.view.query}"


def offered(person: User, search: Search) -> list[Offered]:
    """The person's own views, then those that others share with them. One query."""
    views = AuditView.objects.visible_to(person).select_related("person")
    rows = [
        Offered(each, each.person_id == person.pk, each.query == search.query) for each in views
    ]
    return sorted(rows, key=lambda row: not row.is_own)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter in the form's `query`, and come back to it."""
    form, search = (
        ViewForm(request.POST),
        Search.of_query(request.POST.get("query", ""), person_of(request)),
    )
    here = redirect(f"{reverse('releases:audit')}?{search.query}")
    if not form.is_valid():
        keep_attempt(request, NOT_RIGHT)
        messages.error(request, "The view was not saved: give it a name of up to 60 characters.")
        return here
    try:
        view = save_view(
            **form.cleaned_data, search=search, by=person_of(request), origin=Origin.of(request)
        )
    except InvalidInput as error:
        messages.error(request, f"The view was not saved: {error}")
    else:
        messages.success(request, f"The view “{view.name}” is saved.")
    return here


@require_http_methods(["GET", "POST"])
def view(request: HttpRequest, pk: int) -> HttpResponse:
    person, found = person_of(request), _found(request, pk)
    initial = {"name": found.name, "is_shared": found.is_shared}
    form = ViewForm(request.POST or None, initial=initial)
    if not form.is_valid():
        policy.require(policy.can_change_view(person, found))
    else:
        try:
            change_view(found, **form.cleaned_data, by=person, origin=Origin.of(request))
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"The view “{found.name}” is changed.")
            return redirect(f"{reverse('releases:audit')}?{found.query}")
    context = {"form": form, "view": found, "search": Search.of_query(found.query, person)}
    return render(request, "audit/view.html", context, status=422 if form.errors else 200)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    remove_view(found, by=person_of(request), origin=Origin.of(request))
    messages.success(request, f"The view “{found.name}” is removed.")
    return redirect("releases:audit")


def _found(request: HttpRequest, pk: int) -> AuditView:
    visible = AuditView.objects.visible_to(person_of(request))
    return get_object_or_404(visible.select_related("person"), pk=pk)
