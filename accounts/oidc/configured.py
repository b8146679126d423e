"""What the environment says of the identity provider, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from accounts.models import Role

# A role that several groups lead to is the first of these.
PRECEDENCE = (
    Role.ADMINISTRATOR,
    Role.RELEASE_MANAGER,
    Role.SECURITY,
    Role.DEVELOPER,
    Role.AUDITOR,
    Role.VIEWER,
)
# As many characters as the column has that an identity is known by.
LONGEST_ISSUER = 200
WELL_KNOWN = "/.well-known/openid-configuration"
_NEEDED = ("SLUICE_OIDC_ISSUER", "SLUICE_OIDC_CLIENT_ID", "SLUICE_OIDC_CLIENT_SECRET")


def is_configured() -> bool:
    """Whether people can be sent to the provider: all of it is set, and right."""
    return all(getattr(settings, name) for name in _NEEDED) and not list(problems())


def passwords_allowed() -> bool:
    """Passwords are off only where there is another way in."""
    allowed: bool = settings.SLUICE_PASSWORDS
    return allowed or not is_configured()


def app_settings() -> dict[str, Any]:
    """For allauth. The issuer itself is the provider's id: an identity is issuer and subject."""
    issuer: str = settings.SLUICE_OIDC_ISSUER
    return {
        "provider": "openid_connect",
        "provider_id": issuer,
        "name": settings.SLUICE_OIDC_NAME,
        "client_id": settings.SLUICE_OIDC_CLIENT_ID,
        "secret": settings.SLUICE_OIDC_CLIENT_SECRET,
        "settings": {
            "server_url": issuer.rstrip("/") + WELL_KNOWN,
            "oauth_pkce_enabled": True,
            "scope": settings.SLUICE_OIDC_SCOPES,
        },
    }


def group_roles() -> dict[str, str]:
    """The role that each group leads to, as it is written; roles are checked by `problems`."""
    pairs = [each for each in settings.SLUICE_OIDC_GROUP_ROLES.split(";") if each.strip()]
    # From the right: names of groups in a directory are full of equals signs.
    parts = [each.rpartition("=") for each in pairs]
    return {group.strip(): role.strip() for group, _, role in parts}


def role_of(groups: frozenset[str]) -> Role | None:
    """The role of somebody in these groups, or None where none of them leads to one."""
    theirs = {role for group, role in group_roles().items() if group in groups}
    return next((role for role in PRECEDENCE if role in theirs), None)


def problems() -> Iterator[str]:
    """Each in a sentence that says what to do."""
    missing = [name for name in _NEEDED if not getattr(settings, name)]
    if missing and len(missing) < len(_NEEDED):
        yield f"Signing in by OpenID Connect needs {' and '.join(missing)}, too."
    if settings.SLUICE_OIDC_ISSUER:
        yield from _problems_of(settings.SLUICE_OIDC_ISSUER)
    if "openid" not in settings.SLUICE_OIDC_SCOPES:
        yield "SLUICE_OIDC_SCOPES must have openid among its scopes."
    for group, role in group_roles().items():
        if not group or role not in PRECEDENCE:
            yield (
                f"SLUICE_OIDC_GROUP_ROLES has “{group}={role}”: write group=role, with semicolons"
                f" between pairs; roles are {', '.join(PRECEDENCE)}."
            )
    if not settings.SLUICE_PASSWORDS and len(missing) == len(_NEEDED):
        yield "SLUICE_PASSWORDS is off, and no SLUICE_OIDC_ISSUER is set: nobody could sign in."


def allows_scheme(url: SplitResult) -> bool:
    """https, or http on loopback where the settings say so: the demo's and the tests' alone."""
    if url.scheme == "https":
        return True
    on_loopback = url.hostname in ("127.0.0.1", "::1", "localhost")
    return url.scheme == "http" and on_loopback and settings.SLUICE_OIDC_LOOPBACK


def _problems_of(issuer: str) -> Iterator[str]:
    url = urlsplit(issuer)
    if not url.hostname or not allows_scheme(url):
        yield f"SLUICE_OIDC_ISSUER must begin with https://; it is {issuer}."
    if url.query or url.fragment or "@" in url.netloc:
        yield "SLUICE_OIDC_ISSUER is an address without ?, # and @."
    if issuer.endswith(WELL_KNOWN):
        yield f"SLUICE_OIDC_ISSUER is the issuer itself, without {WELL_KNOWN}."
    if len(issuer) > LONGEST_ISSUER:
        yield f"SLUICE_OIDC_ISSUER has more than {LONGEST_ISSUER} characters."
