"""Views of the history: a filter kept under a name, changed, removed."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.db import transaction

from accounts.models import User
from releases import policy
from releases.actions.refusal import recorded_refusal
from releases.actions.validation import check_entered
from releases.audit import Named, Origin, record
from releases.audit.search import Search
from releases.errors import InvalidInput
from releases.models import AuditView

ENTERED = ("name", "query")


def save_view(name: str, *, search: Search, is_shared: bool, by: User, origin: Origin) -> AuditView:
    """Keep a filter under a name. Raises NotAllowed, InvalidInput naming the field."""
    view = AuditView(person=by, name=name.strip(), query=search.query, is_shared=is_shared)
    with refused_view("save a view of the history", by, origin), transaction.atomic():
        policy.require(policy.can_see_audit(by))
        if not search:
            raise InvalidInput("Filter the history first: a view is a filter with a name.")
        check_entered(view, (*ENTERED, "person"), unique=True)
        view.save()
        record("audit.view_saved", by=by, origin=origin, view=view.name, shared=_shared(view),
               filter=search.words, about=[_named(view)])  # fmt: skip
    return view


def change_view(view: AuditView, *, name: str, is_shared: bool, by: User, origin: Origin) -> None:
    """Give a view another name, or share it. Raises NotAllowed, InvalidInput naming the field."""
    before = {"name": view.name, "is_shared": view.is_shared}
    with refused_view("change a view of the history", by, origin), transaction.atomic():
        policy.require(policy.can_change_view(by, view))
        view.name, view.is_shared = name.strip(), is_shared
        check_entered(view, (*ENTERED, "person"), unique=True)
        view.save(update_fields=["name", "is_shared"])
        record("audit.view_changed", by=by, origin=origin, view=view.name, shared=_shared(view),
               about=[_named(view)], before=before,
               after={"name": view.name, "is_shared": view.is_shared})  # fmt: skip


def remove_view(view: AuditView, *, by: User, origin: Origin) -> None:
    """Forget a view; the history keeps its name and filter. Raises NotAllowed."""
    with refused_view("remove a view of the history", by, origin), transaction.atomic():
        policy.require(policy.can_change_view(by, view))
        words = Search.of_query(view.query, by).words
        record("audit.view_removed", by=by, origin=origin, view=view.name, filter=words,
               about=[_named(view)])  # fmt: skip
        view.delete()


def refused_view(verb: str, by: User, origin: Origin) -> AbstractContextManager[None]:
    also = (InvalidInput,)
    return recorded_refusal("audit.refused", by=by, origin=origin, also=also, verb=verb)


def _shared(view: AuditView) -> str:
    return " for everybody" if view.is_shared else ""


def _named(view: AuditView) -> Named:
    return Named("view", view.pk, view.name)
