"""Invite somebody by a link, take it back, and let them in with it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Invitation, Role, User
from accounts.names import check_name, check_username
from accounts.oidc.configured import passwords_allowed
from accounts.people import lock_people
from releases import policy
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, StalePerson

GOOD_FOR = timedelta(days=7)
CODE_BYTES = 32
NO_PASSWORDS = "Passwords are off here: people join through the identity provider."


def invite(
    username: str, name: str, role: Role, *, by: User, origin: Origin
) -> tuple[Invitation, str]:
    """An invitation, and its code: told here once and kept nowhere.

    Raises NotAllowed, InvalidInput naming the field.
    """
    code = secrets.token_urlsafe(CODE_BYTES)
    now = timezone.now()
    with (
        recorded_refusal("invitation.refused", by=by, origin=origin, verb="invite",
                         person=username),
        transaction.atomic(),
    ):  # fmt: skip
        policy.require(policy.can_manage_people(by))
        if not passwords_allowed():
            raise StalePerson(NO_PASSWORDS)
        check_username(username)
        open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None)
        open_ones.filter(username=username, expires_at__lte=now).update(revoked_at=now)
        others = open_ones.filter(expires_at__gt=now).exclude(username=username)
        name = check_name(name, promised=others.values_list("name", flat=True))
        try:
            with transaction.atomic():
                invitation = Invitation.objects.create(
                    username=username, name=name, role=role, digest=digest(code),
                    invited_by=by, expires_at=now + GOOD_FOR,
                )  # fmt: skip
        except IntegrityError as error:
            raise InvalidInput(
                f"{username} is invited already. Revoke that invitation to make another.",
                field="username",
            ) from error
        record("invitation.made", by=by, origin=origin, person=username, role=role.label.lower(),
               until=f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC",
               after={"username": username, "name": name, "role": role.value})  # fmt: skip
    return invitation, code


def revoke_invitation(invitation: Invitation, *, by: User, origin: Origin) -> None:
    """Let nobody in by it any more. Raises NotAllowed, StalePerson if it is used or revoked."""
    with (
        recorded_refusal("invitation.refused", by=by, origin=origin,
                         verb="revoke the invitation of", person=invitation.username),
        transaction.atomic(),
    ):  # fmt: skip
        policy.require(policy.can_manage_people(by))
        open_still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not open_still.update(revoked_at=timezone.now()):
            raise StalePerson(f"The invitation of {invitation.username} is over already.")
        record("invitation.revoked", by=by, origin=origin, person=invitation.username)


def find_invitation(code: str, *, origin: Origin) -> Invitation | None:
    """The invitation of this code if it lets somebody in; one that does no more is recorded."""
    found = Invitation.objects.select_related("invited_by").filter(digest=digest(code)).first()
    if found and found.why_not:
        record("invitation.not_accepted", by=None, origin=origin, person=found.username,
               reason=found.why_not)  # fmt: skip
    return found


def accept_invitation(invitation: Invitation, password: str, *, origin: Origin) -> User:
    """Make the account that was invited. Its person chose the password.

    Raises InvalidInput naming the field, StalePerson if it lets nobody in any more.
    """
    try:
        with transaction.atomic():
            return _accepted(invitation, password, origin=origin)
    except InvalidInput as error:
        if error.field != "password":
            record("invitation.not_accepted", by=None, origin=origin, person=invitation.username,
                   reason=str(error))  # fmt: skip
        raise


def _accepted(invitation: Invitation, password: str, *, origin: Origin) -> User:
    # One after the other: two people who come at once must not get one name.
    lock_people()
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("invited_by")
    invitation = locked.get(pk=invitation.pk)
    if not passwords_allowed():
        raise InvalidInput(NO_PASSWORDS)
    if invitation.why_not:
        raise StalePerson(f"This invitation lets nobody in: {invitation.why_not}.")
    person = User(username=invitation.username, first_name=invitation.name, role=invitation.role)
    _set_password(person, password)
    try:
        check_username(person.username)
        check_name(person.first_name)
    except InvalidInput as error:
        other = f"Ask {invitation.invited_by.name} for an invitation under another name."
        raise InvalidInput(f"{error} {other}") from error
    person.save()
    invitation.person, invitation.accepted_at = person, timezone.now()
    invitation.save(update_fields=["person", "accepted_at"])
    record("person.joined", by=person, origin=origin, about=named(person),
           inviter=invitation.invited_by.name, role=Role(person.role).label.lower(),
           after={"role": str(person.role), "is_active": True})  # fmt: skip
    return person


def digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _set_password(person: User, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error
    person.set_password(password)
