"""Add a person, or change the role and the activity of one."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import Role, User
from releases.audit import named, record


def save_person(person: User, *, role: Role, is_active: bool) -> None:
    """Save `person` with this role, on the command line: nobody changes people in the dashboard.

    A person who has been saved is locked and compared with what is in the database.
    """
    with transaction.atomic():
        known = User.objects.select_for_update().filter(pk=person.pk).first()
        before = _by_name(known) if known else None
        person.role, person.is_active = role, is_active
        person.save(update_fields=["role", "is_active"] if known else None)
        record(
            "person.changed" if known else "person.added",
            by=None,
            about=named(person),
            before=before,
            after=_by_name(person),
            person=person.username,
            role=role.label,
            state="active" if is_active else "deactivated",
        )


def _by_name(person: User) -> dict[str, Any]:
    return {"role": str(person.role), "is_active": person.is_active}
