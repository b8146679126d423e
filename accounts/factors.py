"""What besides a password proves that somebody is who they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator

from accounts.models import User


@dataclass
class Factors:
    """The second factors of one person. One query."""

    passkeys: list[Authenticator] = field(default_factory=list)
    app: Authenticator | None = None
    recovery: Authenticator | None = None

    @classmethod
    def of(cls, person: User) -> Factors:
        found = cls()
        for each in Authenticator.objects.filter(user=person).order_by("pk"):
            if each.type == Authenticator.Type.WEBAUTHN:
                found.passkeys.append(each)
            elif each.type == Authenticator.Type.TOTP:
                found.app = each
            else:
                found.recovery = each
        return found

    def __bool__(self) -> bool:
        return bool(self.passkeys or self.app)

    @property
    def codes_left(self) -> int:
        return len(self.recovery.wrap().get_unused_codes()) if self.recovery else 0


def name_of(factor: Authenticator) -> str:
    """As the history calls it."""
    if factor.type == Authenticator.Type.WEBAUTHN:
        return f"the passkey {factor.wrap().name}"
    return "an authenticator app" if factor.type == Authenticator.Type.TOTP else "recovery codes"
