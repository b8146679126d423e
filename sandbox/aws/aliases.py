"""Aliases and the rules of their weights (facts H)."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from sandbox.aws import errors
from sandbox.aws.names import LATEST, Place
from sandbox.aws.timing import clock


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
    leaving: str = ""  # the version whose environments still serve, on a provisioned alias
    left_at: float = 0.0

    def touch(self) -> None:
        self.revision_id = str(uuid.uuid4())

    def leave(self, version: str, seconds: float) -> None:
        """Provisioned environments of the new version take their time (facts H9)."""
        self.leaving, self.left_at = version, clock() + seconds

    def shown_weights(self) -> dict[str, float]:
        """The weights there are, those that AWS adds itself for a while included (facts H9)."""
        if self.leaving not in ("", self.version) and clock() < self.left_at:
            return {self.leaving: 1.0}
        return dict(self.weights)

    def describe(self, function_arn: str) -> dict[str, Any]:
        weights = self.shown_weights()
        return {
            "AliasArn": f"{function_arn}:{self.name}",
            "Name": self.name,
            "FunctionVersion": self.version,
            "Description": self.description,
            "RevisionId": self.revision_id,
            # Absent, not empty (facts H1).
            **({"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}),
        }


@dataclass(frozen=True)
class Provisioned:
    """Provisioned concurrency of one version or alias, ready some time after it was asked for."""

    executions: int
    ready_at: float
    modified_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def describe(self) -> dict[str, Any]:
        ready = clock() >= self.ready_at
        available = self.executions if ready else 0
        return {
            "RequestedProvisionedConcurrentExecutions": self.executions,
            "AvailableProvisionedConcurrentExecutions": available,
            "AllocatedProvisionedConcurrentExecutions": available,
            "Status": "READY" if ready else "IN_PROGRESS",
            "LastModified": self.modified_at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
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
