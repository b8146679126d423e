"""What AWS said, as frozen dataclasses: the gateway's answers, free of boto3's dictionaries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LATEST = "$LATEST"


@dataclass(frozen=True)
class Target:
    """Where calls go: one environment's account and Region, and how to get in."""

    account_id: str
    region: str
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class FunctionState:
    """One function, or one published version of it, as GetFunction described it.

    `configuration` holds the fields of `configuration.CONFIGURATION_FIELDS`, with
    environment values replaced by keyed digests before anything else sees them.
    `extra` holds response fields that Sluice does not know: shown, never fingerprinted.
    """

    name: str
    arn: str
    version: str
    code_sha256: str
    code_size: int
    revision_id: str
    package_type: str
    description: str
    state: str
    state_reason: str
    last_update_status: str
    last_update_reason: str
    last_update_reason_code: str
    last_modified: str
    architectures: tuple[str, ...]
    configuration: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    # Never logged, never stored: a presigned address (zip) or the pinned image.
    code_location: str = field(default="", repr=False)
    image_uri: str = ""
    # Of an unqualified GetFunction only (facts F2); what people write there is never stored.
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_settled(self) -> bool:
        """No update is running. A published version has no LastUpdateStatus (facts E2)."""
        return self.state != "Pending" and self.last_update_status != "InProgress"

    @property
    def is_usable(self) -> bool:
        return self.is_settled and self.last_update_status in ("Successful", "")


@dataclass(frozen=True)
class ListedFunction:
    """A row of ListFunctions: enough to see that `$LATEST` is not what it was."""

    name: str
    arn: str
    revision_id: str


@dataclass(frozen=True)
class VersionSummary:
    """A row of ListVersionsByFunction. State is not in the list (facts G2)."""

    number: int
    code_sha256: str
    code_size: int
    revision_id: str
    description: str
    last_modified: str
    configuration: Mapping[str, Any]


@dataclass(frozen=True)
class AliasState:
    """An alias as GetAlias described it; `weights` maps a version to a share of 0..1."""

    name: str
    version: str
    revision_id: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def routing(self) -> dict[str, Any]:
        """What the alias does with a call: the part that a baseline compares."""
        return {"version": self.version, "weights": dict(self.weights)}


@dataclass(frozen=True)
class Image:
    """A container image pinned by digest (`repository@sha256:…`)."""

    uri: str
    digest: str
    size: int
    tag: str = ""


@dataclass(frozen=True)
class StoredObject:
    """An S3 object as it was when its body was opened; `version_id` is empty without versioning."""

    bucket: str
    key: str
    version_id: str
    size: int
    etag: str
    last_modified: datetime | None = None


@dataclass(frozen=True)
class TrailEvent:
    """A write that CloudTrail tells of; `who` is short, `event_name` without AWS's date."""

    at: datetime
    event_name: str
    who: str
    arn: str
    request_id: str


@dataclass(frozen=True)
class Changes:
    """What CloudTrail told of a function's changes, or that it may not be read."""

    events: tuple[TrailEvent, ...]
    may_be_read: bool = True


@dataclass(frozen=True)
class LatestCallers:
    """Who calls `$LATEST`, as far as AWS can tell.

    Identities with lambda:InvokeFunction in their own policies (Step Functions, people) appear
    in none of the three places that can be asked.
    """

    callers: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
