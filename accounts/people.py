"""Changing a person, whoever wants it: one lock, and one rule for the last administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import BreakGlassCode, Role, User
from accounts.sign_outs import sign_out_everywhere
from releases import live, policy
from releases.audit import named, record


@dataclass(frozen=True)
class Standing:
    """The role of a person, and whether they can sign in at all."""

    role: Role
    is_active: bool

    @classmethod
    def of(cls, person: User) -> Standing:
        return cls(Role(person.role), person.is_active)

    @property
    def parts(self) -> dict[str, Any]:
        return {"role": str(self.role), "is_active": self.is_active}


def lock_people(*people: User) -> list[User]:
    """These people as they are now, in this order, locked with all active administrators.

    Always in the same order, so that two administrators who change each other never both can.
    Call in a transaction.
    """
    known = [each.pk for each in people]
    rows = User.objects.select_for_update().filter(
        Q(pk__in=known) | Q(role=Role.ADMINISTRATOR, is_active=True)
    )
    found = {each.pk: each for each in rows.order_by("pk")}
    return [found[pk] for pk in known]


def put(locked: User, becomes: Standing) -> dict[str, Any]:
    """Give a locked person another role or activity; what the history is told of it.

    A deactivated person is signed out everywhere. Raises NotAllowed for the last administrator.
    """
    was = Standing.of(locked)
    policy.require(
        policy.leaves_an_administrator(locked, role=becomes.role, is_active=becomes.is_active)
    )
    locked.role, locked.is_active = becomes.role, becomes.is_active
    locked.save(update_fields=["role", "is_active"])
    if was.role != becomes.role:
        live.people_changed()
    # Also as they come back: nothing that was begun while they were out may revive.
    if was.is_active != becomes.is_active:
        sign_out_everywhere(locked)
    if not locked.is_active:
        # Paper in a drawer may not let them in when they are back.
        open_codes = BreakGlassCode.objects.filter(person=locked, used_at=None, revoked_at=None)
        open_codes.update(revoked_at=timezone.now())
    return {
        "about": named(locked),
        "person": locked.username,
        "before": was.parts,
        "after": becomes.parts,
    }


def save_person(person: User, *, role: Role, is_active: bool) -> None:
    """Add `person` with this role, or change them, on the command line.

    Raises NotAllowed for the last active administrator.
    """
    becomes = Standing(role, is_active)
    said: dict[str, Any] = {"role": role.label, "state": "active" if is_active else "deactivated"}
    with transaction.atomic():
        if person.pk is not None:
            (locked,) = lock_people(person)
            record("person.changed", by=None, **put(locked, becomes), **said)
            person.role, person.is_active = role, is_active
            return
        person.role, person.is_active = role, is_active
        person.save()
        record("person.added", by=None, about=named(person), after=becomes.parts,
               person=person.username, **said)  # fmt: skip


def give_password(person: User, password: str) -> None:
    """Give somebody who forgot theirs another one, on the command line. They are signed out."""
    with transaction.atomic():
        (locked,) = lock_people(person)
        locked.set_password(password)
        locked.save(update_fields=["password"])
        sign_out_everywhere(locked)
        record("person.password_given", by=None, about=named(locked), person=locked.username)
