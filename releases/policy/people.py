"""Who may manage people, and what nobody may do to themselves or to the last administrator."""

from __future__ import annotations

from accounts.models import Role, User
from releases.policy import matrix
from releases.policy.decision import YES, Decision, by_right, no, not_now

# Who is needed at 3 a.m.: to release and roll back, and to let others do so.
CODE_HOLDERS = matrix.KEEPERS


def can_manage_people(user: User) -> Decision:
    return by_right(user, matrix.MANAGE_PEOPLE)


def can_change_person(user: User, person: User) -> Decision:
    """Whether `user` may change the role of `person`, deactivate or reactivate them."""
    if user.pk == person.pk and can_manage_people(user):
        return no("Nobody changes their own role or deactivates themselves. Ask another"
                  " administrator.")  # fmt: skip
    return can_manage_people(user)


def can_print_codes(user: User, person: User) -> Decision:
    """Whether `user` may print break-glass codes for `person`."""
    if not (allowed := can_manage_people(user)):
        return allowed
    return can_use_code(person)


def can_use_code(person: User) -> Decision:
    """Whether a break-glass code lets `person` in."""
    if not person.is_active:
        return no(f"{person.name} is deactivated.")
    if person.role not in CODE_HOLDERS:
        return no("Break-glass codes are for administrators and release managers.")
    return YES


def leaves_an_administrator(person: User, *, role: str, is_active: bool) -> Decision:
    """Whether somebody can still manage people once `person` is so. One query.

    Holds until the end of the transaction only if the rows of all administrators are locked.
    """
    is_one = person.is_active and person.role == Role.ADMINISTRATOR
    if not is_one or (is_active and role == Role.ADMINISTRATOR):
        return YES
    others = User.objects.filter(is_active=True, role=Role.ADMINISTRATOR).exclude(pk=person.pk)
    if others.exists():
        return YES
    return not_now(f"{person.name} is the last active administrator. Make somebody else one first.")
