"""A passkey in software, for tests without a browser: it says what an authenticator would."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.models import User

HOST = "testserver"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Key:
    """One key pair, and the challenge that the session holds."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.challenge = os.urandom(32)

    @property
    def session(self) -> dict[str, Any]:
        state = {"challenge": websafe_encode(self.challenge), "user_verification": "required"}
        return {"mfa.webauthn.state": state}

    def made(self) -> str:
        """The answer of a browser that was asked to make a passkey, as JSON."""
        public = ES256.from_cryptography_key(self.private.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = self._data(PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT, credential)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            clientDataJSON=self._client(CollectedClientData.TYPE.CREATE),
            attestationObject=attestation,
        )

    def used(self, person: User) -> str:
        """The answer of a browser that was asked to use it, as JSON."""
        data, client = self._data(PRESENT_AND_VERIFIED), self._client(CollectedClientData.TYPE.GET)
        signed = self.private.sign(data + client.hash, ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=signed,
            userHandle=user_pk_to_url_str(person).encode(),
        )

    def _client(self, kind: str) -> CollectedClientData:
        return CollectedClientData.create(kind, self.challenge, f"https://{HOST}")

    def _data(self, flags: AuthenticatorData.FLAG, credential: Any = b"") -> AuthenticatorData:
        digest = hashlib.sha256(HOST.encode()).digest()
        data: AuthenticatorData = AuthenticatorData.create(digest, flags, 1, credential)
        return data

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "clientExtensionResults": {"credProps": {"rk": True}},
                "response": {key: websafe_encode(bytes(value)) for key, value in response.items()},
            }
        )


def a_passkey(person: User, key: Key | None = None, name: str = "Laptop") -> Authenticator:
    return WebAuthn.add(person, name, json.loads((key or Key()).made())).instance


# What no browser sends, and somebody else may.
RUBBISH = [
    "", "x", "{}", "[]", '"text"', "null", "1", '{"id": 1}', '{"id": "AAAA"}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": []}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA",'
    ' "authenticatorData": "AAAA", "attestationObject": "AAAA", "signature": "AAAA",'
    ' "userHandle": "AAAA"}}',
    "[" * 500 + "]" * 500,
]  # fmt: skip


def tampered(answer: str, part: str, how: str) -> str:
    """`answer` with one part of it cut short, exchanged, left out or of another kind."""
    sent = json.loads(answer)
    if how == "gone":
        del sent["response"][part]
    else:
        was = sent["response"][part]
        other = websafe_encode(os.urandom(70))
        sent["response"][part] = {"cut": was[:-5], "other": other, "number": 7}[how]
    return json.dumps(sent)
