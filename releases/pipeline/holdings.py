"""The bytes behind a CodeSha256: in our store, or brought there from AWS, and looked into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast

from releases import fingerprint
from releases.actions.fetch_code import fetch
from releases.aws.errors import NotFound
from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from releases.models import Artifact, ArtifactKind, Function
from releases.packages.errors import PackageError
from releases.packages.inspect import inspect
from releases.packages.intake import hex_of
from releases.packages.manifest import Inspection
from releases.packages.store import Store, artifacts, package_name


def look_into(
    code_sha256: str, function: Function, gateway: Gateway, *, version: str
) -> Inspection:
    """What is in the package that AWS knows as `code_sha256`, fetched first if we lack it.

    `version` is where it was last seen. Raises AwsError, PackageError.
    """
    store, sha256 = artifacts(), hex_of(code_sha256)
    if not store.exists(package_name(sha256)):
        _bring_in(code_sha256, function, gateway, version)
    return _known(store, sha256) or _inspected(store, sha256)


def _bring_in(code_sha256: str, function: Function, gateway: Gateway, version: str) -> None:
    if state := located(code_sha256, function, gateway, version=version):
        fetch(gateway, state)
        return
    raise PackageError(
        "gone",
        f"AWS holds the code {fingerprint.short(code_sha256)} of {function.name} no longer,"
        " and Sluice never had it.",
        "Its files cannot be shown any more; the configuration still can.",
    )


def located(
    code_sha256: str, function: Function, gateway: Gateway, *, version: str
) -> FunctionState | None:
    """Where AWS holds this code still, if anywhere. Raises AwsError."""
    for qualifier in _places(code_sha256, function, version):
        try:
            state = gateway.get_function(function.name, qualifier)
        except NotFound:
            continue
        if state.code_sha256 == code_sha256:
            return state
    return None


def _places(code_sha256: str, function: Function, version: str) -> Iterator[str]:
    """Where AWS may hold it: published versions keep theirs, `$LATEST` only until overwritten."""
    known = function.versions.filter(code_sha256=code_sha256, gone_at=None)
    numbers = [str(number) for number in known.values_list("number", flat=True)[:2]]
    if version.isdigit() and version not in numbers:
        numbers.append(version)
    yield from [*numbers, ""]


def _known(store: Store, sha256: str) -> Inspection | None:
    try:
        return store.manifest(sha256)
    except ValueError:
        # Written by another version of Sluice: it is made again.
        return None


def _inspected(store: Store, sha256: str) -> Inspection:
    name = package_name(sha256)
    size = store.storage.size(name)
    with store.open(name) as file:
        found = inspect(cast(BinaryIO, file), size=size)
    store.put_manifest(sha256, found)
    Artifact.objects.filter(kind=ArtifactKind.ZIP, sha256=sha256, entry_count=None).update(
        unzipped_size=found.unzipped_size,
        entry_count=len(found.entries),
        content_digest=found.content_digest,
    )
    return found
