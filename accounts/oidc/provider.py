"""The protocol, by allauth, with what it leaves open closed: issuer, signature, subject."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jwt
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.oidc.http import Session, Untrusted, check_address

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
# Signatures that only the provider can make: one by the client secret is none of its own.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA")  # fmt: skip
# Between the clocks of two servers.
LEEWAY_SECONDS = 60
# As many as the column has that a subject is kept in.
LONGEST_SUBJECT = 191


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is. Only issuer and subject tell who that is here."""

    issuer: str
    subject: str
    username: str = ""
    name: str = ""
    groups: frozenset[str] = frozenset()
    # When the provider asked who it is, in seconds: none where it does not say.
    asked_at: float = 0.0

    @classmethod
    def of(cls, claims: dict[str, Any]) -> Identity:
        """From claims of which nothing can be taken for granted. Raises Untrusted."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise Untrusted("Its answer names nobody.")
        return cls(
            issuer=settings.SLUICE_OIDC_ISSUER,
            subject=subject,
            username=_text(claims.get("preferred_username")),
            name=_text(claims.get("name")),
            groups=_groups(claims.get(settings.SLUICE_OIDC_GROUPS_CLAIM)),
            asked_at=_time(claims.get("auth_time")),
        )


class OidcAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises Untrusted for what cannot be trusted."""
        if not hasattr(self, "_checked_config"):
            with Session() as session:
                response = session.get(self.get_provider().server_url)
            response.raise_for_status()
            config = response.json()
            if not isinstance(config, dict):
                raise Untrusted("It does not say where its endpoints are.")
            if config.get("issuer") != self.provider_id:
                raise Untrusted("It says that it is another issuer.")
            for name in ENDPOINTS:
                if not isinstance(config.get(name), str):
                    raise Untrusted(f"It does not say where its {name} is.")
                check_address(config[name])
            self._checked_config: dict[str, Any] = config
        return self._checked_config

    def get_callback_url(self, request: HttpRequest, app: object) -> str:
        return str(build_absolute_uri(request, reverse("oidc_callback")))

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        id_token = kwargs["response"].get("id_token")
        if not isinstance(id_token, str):
            raise Untrusted("It sent no id_token.")
        claims = self._decode_id_token(app, id_token)
        more = self._fetch_user_info(token.token)
        if not isinstance(more, dict) or more.get("sub") != claims.get("sub"):
            raise Untrusted("Its userinfo is about somebody else.")
        # What counts as a recent sign-in is only what the provider signed.
        said = claims | more | {"auth_time": claims.get("auth_time")}
        return self.get_provider().sociallogin_from_response(request, {"userinfo": said})

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Its signature is always verified, which allauth leaves to TLS."""
        try:
            header = jwt.get_unverified_header(id_token)
            with Session() as session:
                answer = session.get(self.openid_config["jwks_uri"])
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
            claims: dict[str, Any] = jwt.decode(
                id_token,
                _key(keys, header.get("kid")).key,
                # By what it says itself, which is never the client secret nor nothing.
                algorithms=[header["alg"]] if header["alg"] in ALGORITHMS else [],
                issuer=self.provider_id,
                audience=app.client_id,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Untrusted("Its id_token is not what it should be.") from error
        return claims


class OidcProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = OidcAdapter

    def sociallogin_from_response(
        self, request: HttpRequest, response: dict[str, Any]
    ) -> SocialLogin:
        identity = Identity.of(response["userinfo"])
        login = super().sociallogin_from_response(request, response)
        login.identity = identity
        return login

    # Nothing of what is claimed is kept, and no e-mail address leads to an account.
    def extract_extra_data(self, data: object) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: object) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: object) -> list[Any]:
        return []


def _key(keys: list[jwt.PyJWK], name: str | None) -> jwt.PyJWK:
    """The key that a token names; one that names none is by the only one. Raises KeyError."""
    found = [key for key in keys if name in (None, key.key_id)]
    if len(found) != 1:
        raise KeyError(name)
    return found[0]


def _text(value: object) -> str:
    return value.strip()[:LONGEST_SUBJECT] if isinstance(value, str) else ""


def _time(value: object) -> float:
    """Never later than now, whatever the provider's clock shows."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    # In this order also for what is no number, and for one that has hundreds of digits.
    return max(0.0, min(value, time.time()))


def _groups(value: object) -> frozenset[str]:
    """A list of names, as it should be, or one name alone."""
    if isinstance(value, str):
        return frozenset({value})
    each = value if isinstance(value, list) else []
    return frozenset(name for name in each if isinstance(name, str))
