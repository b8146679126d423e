"""Admit whom the identity provider names: who that is here, and in which role."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from accounts.names import LONGEST_NAME, check_name, check_username
from accounts.oidc.configured import group_roles, role_of
from accounts.oidc.provider import Identity
from accounts.people import Standing, lock_people, put
from accounts.sign_outs import sign_out_everywhere
from accounts.ways_in import gets_in_otherwise, linked_to
from releases.actions.change_person import look_at_their_approvals
from releases.actions.grants import lose_grants
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, NotAllowed, SluiceError, StalePerson


class NoWayIn(SluiceError):
    """The provider knows who it is, and Sluice lets them in nowhere; the message says why."""


def admit(identity: Identity, *, origin: Origin) -> SocialAccount:
    """The account of this identity, made where a group of theirs leads to a role.

    Raises NoWayIn, with its row in the history.
    """
    try:
        with transaction.atomic():
            account = _account_of(identity, origin=origin)
            person = account.user
            if not person.is_active:
                raise NoWayIn("Your account is deactivated. Ask an administrator.")
            has_role = not group_roles() or _role_taken(person, identity, origin=origin)
        # Outside of the transaction: what they lost is lost although they are refused.
        if not has_role:
            raise NoWayIn(_no_group())
    except NoWayIn as error:
        record("person.not_admitted", by=None, origin=origin, reason=str(error),
               person=identity.username or identity.subject, provider=settings.SLUICE_OIDC_NAME,
               issuer=identity.issuer, subject=identity.subject)  # fmt: skip
        raise
    account.user.refresh_from_db()
    return account


def link_identity(identity: Identity, *, by: User, origin: Origin) -> None:
    """Let `by`, who is signed in, sign in as this identity from now on.

    Raises StalePerson if it is somebody's already, or they have another of this provider.
    """
    provider = settings.SLUICE_OIDC_NAME
    with (
        recorded_refusal("person.link_refused", by=by, origin=origin, provider=provider),
        transaction.atomic(),
    ):
        lock_people(by)
        of_provider = SocialAccount.objects.filter(provider=identity.issuer)
        if of_provider.filter(uid=identity.subject).exists():
            raise StalePerson(f"This account of {provider} is linked already.")
        if of_provider.filter(user=by).exists():
            raise StalePerson(f"Another account of {provider} is linked with you.")
        SocialAccount.objects.create(provider=identity.issuer, uid=identity.subject, user=by)
        record("person.linked", by=by, origin=origin, about=named(by), provider=provider,
               issuer=identity.issuer, subject=identity.subject)  # fmt: skip


def unlink_identity(*, by: User, origin: Origin) -> None:
    """Let nobody sign in as `by` with the identity provider any more.

    Raises StalePerson if nothing is linked, or nothing else would let them in.
    """
    provider = settings.SLUICE_OIDC_NAME
    with (
        recorded_refusal("person.unlink_refused", by=by, origin=origin, provider=provider),
        transaction.atomic(),
    ):
        (locked,) = lock_people(by)
        account = linked_to(locked)
        if account is None:
            raise StalePerson(f"No account of {provider} is linked with you.")
        if not gets_in_otherwise(locked):
            raise StalePerson(f"{provider} is your only way in. Add a passkey first.")
        account.delete()
        record("person.unlinked", by=by, origin=origin, about=named(by), provider=provider,
               issuer=account.provider, subject=account.uid)  # fmt: skip


def _account_of(identity: Identity, *, origin: Origin) -> SocialAccount:
    """By issuer and subject alone: an e-mail address or a name can be another person's tomorrow."""
    known = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject)
    if account := known.select_related("user").first():
        return account
    role = role_of(identity.groups)
    if role is None:
        raise NoWayIn(_no_group() if group_roles() else _nobody_linked())
    try:
        username = check_username(_username(identity))
        with transaction.atomic():
            return _joined(identity, username, role, origin=origin)
    except InvalidInput as error:
        raise NoWayIn(f"{error} {_nobody_linked()}") from error
    except IntegrityError:
        # Another first sign-in was faster by a moment: theirs, or of somebody called the same.
        return _account_of(identity, origin=origin)


def _joined(identity: Identity, username: str, role: Role, *, origin: Origin) -> SocialAccount:
    person = User(username=username, first_name=_name(identity), role=role)
    person.set_unusable_password()
    person.save()
    record("person.admitted", by=None, origin=origin, about=named(person), person=username,
           role=role.label.lower(), provider=settings.SLUICE_OIDC_NAME, issuer=identity.issuer,
           subject=identity.subject, after=Standing.of(person).parts)  # fmt: skip
    return SocialAccount.objects.create(provider=identity.issuer, uid=identity.subject, user=person)


def _role_taken(person: User, identity: Identity, *, origin: Origin) -> bool:
    """Give `person` the role of their groups; False where none of them leads to one.

    Then they have no role any more, those for a part included, and are signed out wherever they
    are.
    """
    (locked,) = lock_people(person)
    role = role_of(identity.groups)
    becomes = Standing(role or Role.NONE, locked.is_active)
    was = Standing.of(locked)
    said: dict[str, Any] = {"person": locked.username, "provider": settings.SLUICE_OIDC_NAME,
            "was": _called(was.role), "becomes": _called(becomes.role)}  # fmt: skip
    if becomes != was:
        try:
            told = put(locked, becomes)
        except NotAllowed as error:
            record("person.role_kept", by=None, origin=origin, about=named(locked),
                   reason=str(error), **said)  # fmt: skip
        else:
            record("person.role_taken", by=None, origin=origin, **told | said)
            look_at_their_approvals(locked)
    if role is None:
        lose_grants(locked, origin=origin)
        sign_out_everywhere(locked)
    return role is not None


def _called(role: Role) -> str:
    return "without a role" if role == Role.NONE else role.label.lower()


def _username(identity: Identity) -> str:
    username = identity.username or identity.subject
    try:
        ASCIIUsernameValidator()(username)
    except ValidationError as error:
        raise NoWayIn(f"“{username}” cannot be a username here.") from error
    return username[:LONGEST_NAME]


def _name(identity: Identity) -> str:
    """As the provider calls them; by their username where the history could mix them up."""
    try:
        return check_name(identity.name)
    except InvalidInput:
        return ""


def _no_group() -> str:
    return (
        f"None of your groups at {settings.SLUICE_OIDC_NAME} has a role in Sluice."
        " Ask whoever manages them."
    )


def _nobody_linked() -> str:
    return (
        "Nobody here is linked with this account. Sign in as you did so far and link it from your"
        " own page, or ask an administrator for an invitation."
    )
