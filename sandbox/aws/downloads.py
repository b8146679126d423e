"""Code.Location: presigned-looking addresses on the sandbox itself, good for ten minutes (F2)."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

from sandbox.aws.names import Place

LIFETIME = 600
PREFIX = "/awslambda-"
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass
class Downloads:
    base_url: str = ""
    lifetime: int = LIFETIME
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def url(self, place: Place, name: str, digest: str) -> str:
        """An address that serves exactly these bytes."""
        path = f"{PREFIX}{place.region}-tasks/snapshots/{place.account}/{name}-{digest}"
        issued = datetime.fromtimestamp(time.time(), UTC).strftime(STAMP)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": issued,
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Expires": str(self.lifetime),
            "X-Amz-Security-Token": "sandbox",
            "X-Amz-Signature": self._sign(path, issued, str(self.lifetime)),
        }
        return f"{self.base_url}{path}?{urlencode(query)}"

    def digest(self, path: str, query: str) -> str | None:
        """What an address stands for, or None when it was changed or has expired."""
        given = {key: values[0] for key, values in parse_qs(query).items()}
        issued, expires = given.get("X-Amz-Date", ""), given.get("X-Amz-Expires", "")
        signature = self._sign(path, issued, expires)
        if not hmac.compare_digest(signature, given.get("X-Amz-Signature", "")):
            return None
        until = datetime.strptime(issued, STAMP).replace(tzinfo=UTC) + timedelta(
            seconds=int(expires)
        )
        if until.timestamp() < time.time():
            return None
        return path.rpartition("-")[2]

    def _sign(self, path: str, issued: str, expires: str) -> str:
        text = f"{path}\n{issued}\n{expires}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
