"""What reviewers should know about a package, in the function that it is to go to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from releases.models import Artifact, ArtifactKind, Function
from releases.packages.manifest import Inspection
from releases.packages.store import artifacts
from releases.packages.warnings import warnings_for

Warnings = list[dict[str, Any]]


def warnings_in(found: Inspection, function: Function, *, architecture: str = "") -> Warnings:
    """`architecture` is the one that a release sets, if it does."""
    rows = warnings_for(
        found,
        handler=function.handler or None,
        runtime=function.runtime or None,
        architectures=tuple(function.architectures),
        declared_architecture=architecture or None,
    )
    return [asdict(row) for row in rows]


def warnings_again(
    artifact: Artifact, function: Function, *, architecture: str, known: Warnings
) -> Warnings:
    """Those of a package inspected before; what never was, keeps those that are `known`."""
    if artifact.kind == ArtifactKind.IMAGE:
        return []
    try:
        found = artifacts().manifest(artifact.sha256)
    except ValueError:
        # Written by another version of Sluice.
        found = None
    return warnings_in(found, function, architecture=architecture) if found else list(known)
