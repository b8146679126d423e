"""The AWS sandbox, over its own route: filled before Sluice looks at it, and disturbed after."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test.utils import override_settings

from sandbox.errors import SandboxError


def ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Use the sandbox's admin route. Raises SandboxError."""
    url = f"{settings.SLUICE_AWS_ENDPOINT}/_sandbox/{path}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)  # noqa: S310 - our own endpoint
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise SandboxError(f"The AWS sandbox refused {path}: {error.read().decode()}") from error
    except (OSError, ValueError) as error:
        raise SandboxError(f"There is no AWS sandbox at {url}: {error}.") from error
    return found


def put(noun: str, **wanted: Any) -> Any:
    """Seed a function, bucket, object or image."""
    return ask("POST", f"seed/{noun}", wanted)["result"]


def zipped(content: bytes) -> dict[str, str]:
    return {"zip": base64.b64encode(content).decode()}


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Nothing takes time in AWS, and Sluice may ask as often as it likes."""
    timing = ask("GET", "timing")
    ask("PUT", "timing", {"in_progress": 0})
    try:
        with override_settings(SLUICE_AWS_CALLS_PER_SECOND=10_000):
            yield
    finally:
        ask("PUT", "timing", timing)
