"""Releases whose packages have been compared, and the pages that show how they differ."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from django.test import Client

from releases.models import Artifact, Comparison, Function, Release, Round
from releases.packages.inspect import inspect
from releases.packages.intake import receive
from releases.packages.store import artifacts
from tests.packages.zips import zip_of
from tests.views.scenes import a_release

LINES = [f"line {number}" for number in range(1, 41)]
EDITED = [*LINES[:9], "line ten", *LINES[10:]]


def stored(files: dict[str, bytes], **more: Any) -> Artifact:
    """A package in the store, inspected."""
    data, store = zip_of(files, **more), artifacts()
    received = receive([data], directory=store.incoming_directory(), limit=1 << 30)
    store.put(received)
    store.put_manifest(received.sha256, inspect(BytesIO(data), size=len(data)))
    code = base64.b64encode(bytes.fromhex(received.sha256)).decode()
    return Artifact.objects.create(
        kind="zip", sha256=received.sha256, code_sha256=code, size=len(data)
    )


def compared(
    old: Artifact | None, new: Artifact, *, of: Function | None = None, **fields: Any
) -> Release:
    """A release whose comparison is done; `of` a function that is there already."""
    base = {"kind": "alias", "version": "1", "weights": {}, "configuration": {"MemorySize": 128}}
    baseline = base | {"code_sha256": old.code_sha256} if old else {"kind": "none", "weights": {}}
    more: dict[str, Any] = {"function": of} if of else {}
    release = a_release(artifact=new, parts={"baseline": baseline}, **more)
    done = {"comparison": Comparison.DONE, "summary": "1 file changed", "counts": {}}
    Round.objects.filter(release=release).update(**done | fields)
    return release


def text_of(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def edited() -> Release:
    old = stored({"app.py": text_of(LINES), "gone.txt": b"x\n", "same.txt": b"same\n"})
    new = stored({"app.py": text_of(EDITED), "new.txt": b"y", "same.txt": b"same\n"})
    return compared(old, new)


def get(browser: Client, release: Release, page: str = "", **query: str) -> str:
    answer = browser.get(f"/releases/{release.pk}/{page}", query)
    assert answer.status_code == 200
    return answer.content.decode()


def file(browser: Client, release: Release, path: str, **query: str) -> str:
    return get(browser, release, "changes/file/", path=path, **query)


def many(count: int) -> Release:
    def files(text: bytes) -> dict[str, bytes]:
        return {f"package{n % 40:02}/part{n % 7}/module{n:04}.py": text for n in range(count)}

    return compared(stored(files(b"a = 1\n")), stored(files(b"a = 2\n")))
