"""Undoing a put-back, where its outcome is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from releases.actions.undo_put_back import Undo, can_undo_put_back, undo_of, undo_put_back
from releases.audit import Origin
from releases.aws.errors import AwsError
from releases.models import Release
from releases.packages.errors import PackageError
from releases.policy import Decision
from releases.rollback_policy import can_roll_back_somehow
from releases.views.filters import person_of


@dataclass(frozen=True)
class UndoOffer:
    """The button, greyed with its reason, and what it would do."""

    undo: Undo
    may: Decision

    @classmethod
    def of(cls, release: Release, user: User) -> UndoOffer | None:
        """None if nothing was put back. At most seven queries, for what put something back."""
        found = undo_of(release)
        if found is None:
            return None
        if found.by_sheet:
            return cls(found, can_roll_back_somehow(user, release.function))
        return cls(found, can_undo_put_back(user, release, found))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Request it, and go on to the new release; what stands in the way is said."""
    related = ("function__environment", "artifact", "before_stage")
    visible = Release.objects.visible_to(person_of(request))
    release = get_object_or_404(visible.select_related(*related), pk=pk)
    try:
        made = undo_put_back(release, by=person_of(request), origin=Origin.of(request))
    except AwsError as error:
        messages.error(request, f"{error.headline}. {error.message} {error.advice}".strip())
        return redirect("releases:release", pk)
    except PackageError as error:
        messages.error(request, f"{error.message} {error.advice}".strip())
        return redirect("releases:release", pk)
    messages.success(request, f"{made.reference} undoes it. It waits for approval.")
    return redirect("releases:release", made.pk)
