"""What people can attempt with their own account; see `attempts.py`."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from allauth.mfa.utils import encrypt
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts.models import User
from tests.attempt_scene import Address, Attempt, Scene
from tests.passkeys import Key, a_passkey
from tests.signing_in import PASSWORD, SECRET, a_session, code_of


def stepping_up(scene: Scene) -> Attempt:
    person = scene.people["manager"]
    person.set_password(PASSWORD)
    person.save()
    return Attempt(data={"step_up-password": PASSWORD}, query="?for=decide")


def with_app(scene: Scene) -> Authenticator:
    """The manager's second factor, with a code that it shows now."""
    person = scene.people["manager"]
    of_totp = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP)
    return of_totp.first() or TOTP.activate(person, SECRET).instance


def second_factor(scene: Scene) -> Attempt:
    person = User.objects.create_user("with-app", password=PASSWORD)
    TOTP.activate(person, SECRET)
    first = ("account_login", {"login": "with-app", "password": PASSWORD})
    return Attempt(data={"code": code_of(SECRET)}, first=first)


def adding_app(scene: Scene) -> Attempt:
    return Attempt(data={"code": code_of(SECRET)}, session={SECRET_SESSION_KEY: encrypt(SECRET)})


def removing_app(scene: Scene) -> Attempt:
    with_app(scene)
    return Attempt()


def adding_passkey(scene: Scene) -> Attempt:
    key = Key()
    return Attempt(data={"name": "Laptop", "credential": key.made()}, session=key.session)


def removing_passkey(scene: Scene) -> Attempt:
    return Attempt((a_passkey(scene.people["manager"]).pk,))


def passkey_sign_in(scene: Scene) -> Attempt:
    key = Key()
    a_passkey(scene.people["manager"], key)
    used = key.used(scene.people["manager"])
    return Attempt(data={"credential": used}, session=key.session)


def new_codes(scene: Scene) -> Attempt:
    with_app(scene)
    return Attempt()


def changed_password(scene: Scene) -> Attempt:
    person = scene.people["manager"]
    person.set_password(PASSWORD)
    person.save()
    new = "another long password for tests"
    return Attempt(data={"oldpassword": PASSWORD, "password1": new, "password2": new})


def another_session(scene: Scene) -> Attempt:
    return Attempt((a_session(scene.people["manager"]).pk,))


def other_sessions(scene: Scene) -> Attempt:
    a_session(scene.people["manager"])
    return Attempt()


def linked(scene: Scene) -> Attempt:
    person = scene.people["manager"]
    person.set_password(PASSWORD)
    person.save()
    known = {"provider": settings.SLUICE_OIDC_ISSUER, "uid": "manager-there"}
    SocialAccount.objects.get_or_create(user=person, **known)
    return Attempt()


ACCOUNT_ADDRESSES: dict[str, Address] = {
    "mfa_authenticate": Address("nobody", second_factor, open_to_all=True),
    "mfa_login_webauthn": Address("nobody", passkey_sign_in, open_to_all=True),
    "step_up": Address("manager", stepping_up, open_to_all=True),
    "account_change_password": Address("manager", changed_password, open_to_all=True),
    "mfa_activate_totp": Address("manager", adding_app, open_to_all=True),
    "mfa_deactivate_totp": Address("manager", removing_app, open_to_all=True),
    "mfa_add_webauthn": Address("manager", adding_passkey, open_to_all=True),
    "mfa_remove_webauthn": Address("manager", removing_passkey, open_to_all=True),
    "mfa_generate_recovery_codes": Address("manager", new_codes, open_to_all=True),
    "profile": Address(
        "manager",
        lambda scene: Attempt(data={"theme": "dark", "time_zone": "Europe/Berlin"}),
        open_to_all=True,
    ),
    "theme": Address("manager", lambda scene: Attempt(data={"theme": "dark"}), open_to_all=True),
    "end_session": Address("manager", another_session, open_to_all=True),
    "oidc_unlink": Address("manager", linked, open_to_all=True),
    "end_other_sessions": Address("manager", other_sessions, open_to_all=True),
}
