"""Aliases and the rules of their weights (facts H)."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.aws import errors
from sandbox.aws.names import LATEST, Place


class HasSettings(Protocol):
    settings: dict[str, Any]


class Published(Protocol):
    """What a routing rule needs to know of a function."""

    place: Place
    name: str

    def find(self, qualifier: str | None) -> HasSettings: ...


@dataclass
class Alias:
    name: str
    version: str
    description: str = ""
    weights: dict[str, float] = field(default_factory=dict)
    revision_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def touch(self) -> None:
        self.revision_id = str(uuid.uuid4())

    def describe(self, function_arn: str) -> dict[str, Any]:
        routing = {"AdditionalVersionWeights": dict(self.weights)}
        return {
            "AliasArn": f"{function_arn}:{self.name}",
            "Name": self.name,
            "FunctionVersion": self.version,
            "Description": self.description,
            "RevisionId": self.revision_id,
            **({"RoutingConfig": routing} if self.weights else {}),  # absent, not empty (H1)
        }


def check_routing(function: Published, version: str, weights: dict[str, float]) -> None:
    """Refuse targets that do not exist and weights that AWS would not shift (facts H2-H6)."""
    if len(weights) > 1:
        raise errors.invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if version in weights:
        raise errors.invalid(
            f"Invalid function version {version}. "
            f"Function version {version} is already included in routing configuration."
        )
    if weights and version == LATEST:
        # The one refusal of these that was recorded without a Type (facts H3).
        raise errors.invalid(
            "$LATEST is not supported for an alias pointing to more than 1 version", kind=None
        )
    main = function.find(version)
    for other in weights:
        _check_alike(main, function.find(other))


def _check_alike(main: HasSettings, other: HasSettings) -> None:
    if main.settings.get("Role") != other.settings.get("Role"):
        raise errors.invalid("Specified versions must be associated with the same execution role")
    if main.settings.get("DeadLetterConfig") != other.settings.get("DeadLetterConfig"):
        raise errors.invalid(
            "Specified versions must be associated with the same dead letter configuration"
        )
