"""Which files look like secrets. Only their paths are ever told, never what is in them."""

import posixpath
import re

SCANNED_FILE = 1024 * 1024
SCANNED_BYTES = 256 * 1024

SECRET_NAMES = frozenset(
    {
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "credentials",
        "credentials.json",
        ".netrc",
        ".git-credentials",
    }
)
HARMLESS_ENV = (".example", ".sample", ".template", ".dist", ".defaults")

# A header alone stands in the source of every library that reads keys; base64 must follow.
PRIVATE_KEY = re.compile(
    rb"^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----\r?\n(?:[A-Za-z-]+: [^\n]{0,200}\n|\r?\n){0,4}"
    rb"[A-Za-z0-9+/=]{32}",
    re.MULTILINE,
)
# The SDKs and their documentation are full of AWS's own AKIA...EXAMPLE.
ACCESS_KEY = re.compile(
    rb"(?<![A-Z0-9])(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}(?![A-Z0-9])"
)
NPM_TOKEN = re.compile(rb"_(?:authToken|auth|password)\s{0,9}=\s{0,9}[^\s$]")


def looks_secret(path: str, size: int, head: bytes) -> bool:
    """Whether the file at `path`, of `size` bytes and beginning with `head`, holds a secret."""
    name = posixpath.basename(path)
    if name in SECRET_NAMES or _is_env(name):
        return size > 0
    if size > SCANNED_FILE or b"\0" in head[:8192]:
        return False
    if name == ".npmrc" and NPM_TOKEN.search(head):
        return True
    # The plain searches first: they are some ten times as fast, and almost always the answer.
    has_key = b"PRIVATE KEY-----" in head and PRIVATE_KEY.search(head)
    has_id = (b"AKIA" in head or b"ASIA" in head) and ACCESS_KEY.search(head)
    return bool(has_key or has_id)


def _is_env(name: str) -> bool:
    is_env = name == ".env" or name.startswith(".env.") or name.endswith(".env")
    return is_env and not name.endswith(HARMLESS_ENV)
