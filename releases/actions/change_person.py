"""Change a person: another role, out, and in again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.models import Role, User
from accounts.people import Standing, lock_people, put
from releases import live, policy, queues
from releases.actions.gate import AT_THE_GATE
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, StalePerson
from releases.models import Decision, Verdict


def change_role(person: User, role: Role, *, seen: str, by: User, origin: Origin) -> None:
    """Give `person` another role; `seen` is the one that the page showed.

    Raises NotAllowed, InvalidInput for the role they have, StalePerson if it was changed meanwhile.
    """
    with refused_person("change the role of", person, by=by, origin=origin), transaction.atomic():
        locked, changer = lock_people(person, by)
        policy.require(policy.can_change_person(changer, locked))
        if locked.role != seen:
            is_now = Role(locked.role).of_somebody
            raise StalePerson(f"Somebody else was faster: {locked.name} {is_now} now.")
        if locked.role == role:
            raise InvalidInput(f"{locked.name} {role.of_somebody} already.", field="role")
        becomes = Standing(role, locked.is_active)
        was = _called(locked.role)
        record("person.role_changed", by=by, origin=origin, **put(locked, becomes),
               was=was, becomes=_called(role))  # fmt: skip
        look_at_their_approvals(locked)


def deactivate_person(person: User, *, by: User, origin: Origin) -> None:
    """Let `person` in nowhere any more: at once, with all that they have open.

    Raises NotAllowed, StalePerson if they are out already.
    """
    with refused_person("deactivate", person, by=by, origin=origin), transaction.atomic():
        locked, changer = lock_people(person, by)
        policy.require(policy.can_change_person(changer, locked))
        if not locked.is_active:
            raise StalePerson(f"{locked.name} is deactivated already.")
        becomes = Standing(Role(locked.role), is_active=False)
        record("person.deactivated", by=by, origin=origin, **put(locked, becomes))
        look_at_their_approvals(locked)


def reactivate_person(person: User, *, by: User, origin: Origin) -> None:
    """Let `person` in again, in the role they had; they have to sign in.

    Raises NotAllowed, StalePerson if they are active.
    """
    with refused_person("reactivate", person, by=by, origin=origin), transaction.atomic():
        locked, changer = lock_people(person, by)
        policy.require(policy.can_change_person(changer, locked))
        if locked.is_active:
            raise StalePerson(f"{locked.name} is active already.")
        becomes = Standing(Role(locked.role), is_active=True)
        record("person.reactivated", by=by, origin=origin, **put(locked, becomes),
               role=_called(locked.role))  # fmt: skip
        look_at_their_approvals(locked)


def look_at_their_approvals(person: User) -> None:
    """Releases at the gate that `person` approved are looked at anew, by pages and by a worker."""
    given = Decision.objects.filter(
        person=person, verdict=Verdict.APPROVE, withdrawn_at=None,
        round__release__state__in=AT_THE_GATE,
    )  # fmt: skip
    for release in given.values_list("round__release_id", flat=True).distinct().order_by():
        live.changed(f"release-{release}")
        queues.enqueue_release(release)


@contextmanager
def refused_person(verb: str, person: User, *, by: User, origin: Origin) -> Iterator[None]:
    with recorded_refusal("person.change_refused", by=by, origin=origin, about=named(person),
                          verb=verb, person=person.username):  # fmt: skip
        yield


def _called(role: str) -> str:
    return Role(role).label.lower()
