"""How people can sign in, in words, for the list of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts.models import User
from accounts.oidc.configured import passwords_allowed

FACTORS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
}


def ways_in(people: Collection[User]) -> dict[int, list[str]]:
    """By person id. Two queries, however many people."""
    ways: dict[int, list[str]] = defaultdict(list)
    for person in people:
        if person.has_usable_password():
            ways[person.pk].append("password")
    known = [person.pk for person in people]
    factors = Authenticator.objects.filter(user__in=known, type__in=FACTORS).order_by("type")
    for person_id, kind in factors.values_list("user_id", "type").distinct():
        ways[person_id].append(FACTORS[kind])
    linked = SocialAccount.objects.filter(user__in=known, provider=settings.SLUICE_OIDC_ISSUER)
    for person_id in linked.values_list("user_id", flat=True):
        ways[person_id].append(settings.SLUICE_OIDC_NAME)
    return ways


def linked_to(person: User) -> SocialAccount | None:
    """Whom the identity provider calls them."""
    known = SocialAccount.objects.filter(user=person, provider=settings.SLUICE_OIDC_ISSUER)
    found: SocialAccount | None = known.first()
    return found


def is_only_way_in(factor: Authenticator) -> bool:
    """Whether whose it is could not sign in without this passkey, paper aside."""
    person = factor.user
    if factor.type != Authenticator.Type.WEBAUTHN or linked_to(person):
        return False
    others = Authenticator.objects.filter(user=person, type=factor.type).exclude(pk=factor.pk)
    return not (passwords_allowed() and person.has_usable_password()) and not others.exists()


def gets_in_otherwise(person: User) -> bool:
    """Whether they can sign in without the identity provider, paper aside."""
    if passwords_allowed() and person.has_usable_password():
        return True
    passkeys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return bool(passkeys.exists())
