"""The release page with a difference, seen a second time, against the same page without one.

Two 40 MB packages of 5,000 files, 50 of them changed. The peer is the page of a release that has
not been compared yet: all else on it is the same. Both are asked for in turns, signed in, through
Django's own request handling. Run it with `python -m benchmarks.diff_page`; it brings its own
PostgreSQL and Redis.
"""

from __future__ import annotations

import base64
import io
import os
import re
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.diff_first_view import CHANGED, FILES, changed, tree, zipped
from sandbox.services import services

PAIRS = 31
TARGET = 1.5
LOAD = re.compile(r'hx-get="([^"]*/changes/file/[^"]*)"')


def main() -> None:
    """Measure PAIRS pairs, alternating, and print both medians and their ratio."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)
        os.environ |= stack.enter_context(services(environ={})) | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": "http://127.0.0.1:9",
            "ARTIFACT_ROOT": str(directory / "artifacts"),
        }
        without, with_diff = measure()
    ratio = statistics.median(with_diff) / statistics.median(without)
    print(f"page without a difference: {statistics.median(without) * 1000:.1f} ms (of {PAIRS})")
    print(f"page with it, second view: {statistics.median(with_diff) * 1000:.1f} ms (of {PAIRS})")
    print(f"ratio: {ratio:.2f} (target <= {TARGET})")


def measure() -> tuple[list[float], list[float]]:
    """Seconds of the page without and with a difference, in turns."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client, plain, compared = _signed_in(), *_releases()
    first = _seconds(client, compared)
    print(f"{FILES:,} files, {CHANGED} changed; first view of the page {first * 1000:.0f} ms")
    _files(client, compared)
    _seconds(client, plain)
    pairs = [(_seconds(client, plain), _seconds(client, compared)) for _ in range(PAIRS)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _files(client: Any, address: str) -> None:
    """All sections, as somebody who scrolls through loads them, twice."""
    text = client.get(address).content.decode()
    sections = [each.replace("&amp;", "&") for each in LOAD.findall(text)]
    assert len(sections) == CHANGED, len(sections)
    first = sum(_seconds(client, each) for each in sections)
    second = sum(_seconds(client, each) for each in sections)
    print(f"lines of all {CHANGED} files: {first * 1000:.0f} ms, then {second * 1000:.0f} ms")


def _seconds(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address, secure=True, headers={"host": "localhost"})
    took = time.perf_counter() - began
    assert answer.status_code == 200, answer.status_code
    return took


def _signed_in() -> Any:
    from django.conf import settings
    from django.test import Client

    from accounts.models import Role, User

    settings.ALLOWED_HOSTS = ["*"]
    manager = User.objects.create_user("manager", role=Role.RELEASE_MANAGER)
    client = Client()
    client.force_login(manager, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _releases() -> tuple[str, str]:
    """The addresses of a release that waits for its comparison, and of one that has it."""
    from releases.models import Comparison, Round
    from tests.factories import ReleaseFactory, with_round

    files = tree()
    old, new = _kept(zipped(files)), _kept(zipped(changed(files)))
    baseline = {
        "kind": "alias", "version": "1", "weights": {}, "code_sha256": old.code_sha256,
        "configuration": {"MemorySize": 128},
    }  # fmt: skip
    plain, compared = (
        with_round(
            ReleaseFactory.create(state="awaiting_approval", artifact=new), baseline=baseline
        )
        for _ in range(2)
    )
    done = {"comparison": Comparison.DONE, "summary": "50 files changed"}
    Round.objects.filter(release=compared).update(**done)
    return f"/releases/{plain.pk}/", f"/releases/{compared.pk}/"


def _kept(data: bytes) -> Any:
    """A package in the store, inspected, as an intake leaves it."""
    from releases.models import Artifact
    from releases.packages.inspect import inspect
    from releases.packages.intake import receive
    from releases.packages.store import artifacts

    store = artifacts()
    received = receive([data], directory=store.incoming_directory(), limit=len(data))
    store.put(received)
    store.put_manifest(received.sha256, inspect(io.BytesIO(data), size=len(data)))
    code = base64.b64encode(bytes.fromhex(received.sha256)).decode()
    return Artifact.objects.create(
        kind="zip", sha256=received.sha256, code_sha256=code, size=len(data)
    )


if __name__ == "__main__":
    main()
