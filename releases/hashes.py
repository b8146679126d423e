"""Hashes as people paste them: a CodeSha256 in base64 or hex, a SHA-256, an image digest."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

HEX = re.compile(r"[0-9a-fA-F]{64}")
BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=?")
URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True)
class Hash:
    """One SHA-256 in both of its ways of writing."""

    hex: str

    @property
    def base64(self) -> str:
        return base64.b64encode(bytes.fromhex(self.hex)).decode()

    @property
    def code_sha256(self) -> list[str]:
        """As AWS may show it: base64 for a zip, hex for an image."""
        return [self.base64, self.hex]


def hash_in(text: str) -> Hash | None:
    """The hash that `text` is, with `sha256:` or an image's address before it; or None."""
    end = text.strip().rpartition("@")[2]
    end = end[len("sha256:") :] if end.lower().startswith("sha256:") else end
    if HEX.fullmatch(end):
        return Hash(end.lower())
    if BASE64.fullmatch(end.translate(URL_SAFE)):
        try:
            raw = base64.b64decode(end.translate(URL_SAFE).ljust(44, "="), validate=True)
        except binascii.Error:
            return None
        return Hash(raw.hex())
    return None
