"""Layers: their versions, and how large they make what attaches them (facts L1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.aws import errors
from sandbox.aws.functions import Code
from sandbox.aws.limits import UNZIPPED
from sandbox.aws.names import Place

ARN = re.compile(r"(arn:[^:]+:lambda:([^:]+):(\d{12}):layer:([^:]+)):(\d+)")


@dataclass
class LayerVersion:
    """Deleted ones can no longer be attached; who has one keeps it."""

    number: int
    arn: str
    code: Code
    about: dict[str, Any]
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_deleted: bool = False


@dataclass
class Layer:
    name: str
    arn: str
    versions: dict[int, LayerVersion] = field(default_factory=dict)

    def publish(self, code: Code, about: dict[str, Any]) -> LayerVersion:
        """Numbers are never used again."""
        number = len(self.versions) + 1
        version = LayerVersion(number, f"{self.arn}:{number}", code, about)
        self.versions[number] = version
        return version

    def find(self, number: int) -> LayerVersion | None:
        found = self.versions.get(number)
        return found if found and not found.is_deleted else None

    @property
    def published(self) -> list[LayerVersion]:
        """Those that can be attached, the newest first."""
        found = [version for version in self.versions.values() if not version.is_deleted]
        return sorted(found, key=lambda version: -version.number)


Layers = dict[str, Layer]


def attached(layers: Layers, here: Place, configured: dict[str, Any]) -> dict[str, Any]:
    """The settings with the layers just asked for looked up, and their sizes in them.

    Raises InvalidParameterValueException, AccessDeniedException.
    """
    arns = [layer["Arn"] for layer in configured.get("Layers") or []]
    found = [_attachable(layers, here, arn) for arn in arns]
    _check_distinct(arns)
    shown = [{"Arn": version.arn, "CodeSize": version.code.size} for version in found]
    return {**configured, "Layers": shown} if shown else configured


def _attachable(layers: Layers, here: Place, arn: str) -> LayerVersion:
    match = ARN.fullmatch(arn)
    if match and match[3] != here.account:
        raise errors.access_denied(
            f"User: arn:{here.partition}:iam::{here.account}:root is not authorized to perform: "
            f"lambda:GetLayerVersion on resource: {arn} because no resource-based policy allows "
            "the lambda:GetLayerVersion action"
        )
    if match and match[2] != here.region:
        raise errors.invalid(
            "Layers are not in the same region as the function. "
            f"Layers are expected to be in region {here.region}."
        )
    layer = layers.get(match[4]) if match else None
    version = layer.find(int(match[5])) if layer and match else None
    if version is None:
        raise errors.invalid(f"Layer version {arn} does not exist.")
    return version


def _check_distinct(arns: list[str]) -> None:
    known: dict[str, str] = {}
    for arn in arns:
        layer = arn.rpartition(":")[0]
        if other := known.get(layer):
            raise errors.invalid(
                "Two different versions of the same layer are not allowed to be referenced in the "
                f"same function. {other} and {arn} are versions of the same layer."
            )
        known[layer] = arn


def versions_of(layers: Layers, configured: dict[str, Any]) -> list[LayerVersion]:
    """What a function has attached, deleted or not; seeded ARNs that nobody published are none."""
    matches = [ARN.fullmatch(layer["Arn"]) for layer in configured.get("Layers") or []]
    found = [
        layers[match[4]].versions.get(int(match[5]))
        for match in matches
        if match and match[4] in layers
    ]
    return [version for version in found if version]


def check_size(layers: Layers, configured: dict[str, Any], code: Code) -> None:
    """Raises InvalidParameterValueException if code and layers unzip to more than 250 MB."""
    attached = versions_of(layers, configured)
    total = code.unzipped + sum(version.code.unzipped for version in attached)
    if attached and total > UNZIPPED:
        raise errors.invalid(
            f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED} "
            f"bytes. The actual size is {total} bytes."
        )
