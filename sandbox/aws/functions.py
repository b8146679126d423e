"""The state machine of one function: $LATEST, its versions, and how they settle (facts A, E, J)."""

import math
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.aws import errors
from sandbox.aws.aliases import Alias, Provisioned
from sandbox.aws.names import LATEST, Place
from sandbox.aws.timing import clock

CREATING = "The function is being created."
RESTORING = "The function is being restored."
IDLE = "The function is currently idle."


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Code:
    """What a revision runs: a package by digest, or an image pinned by digest (facts C5, C9)."""

    sha256: str
    size: int = 0
    package: str = ""
    unzipped: int = 0
    image_uri: str = ""
    resolved_image_uri: str = ""
    source_kms_key_arn: str = ""
    signing_profile_version_arn: str = ""
    signing_job_arn: str = ""


@dataclass(frozen=True)
class Failure:
    """How an update ends that does not end well (facts C3, J5)."""

    reason: str = "The image is not valid."
    code: str = "InvalidImage"


@dataclass
class Revision:
    """$LATEST or a published version as it stands."""

    version: str
    code: Code
    settings: dict[str, Any]
    revision_id: str = field(default_factory=new_id)
    modified_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: str = "Active"
    state_reason: Failure | None = None
    update_status: str | None = "Successful"
    update_reason: Failure | None = None
    settles_at: float | None = None
    outcome: Failure | None = None
    before: tuple[Code, dict[str, Any]] | None = None
    used_at: float = field(default_factory=clock)

    @property
    def sort_key(self) -> str:
        """Orders revisions as AWS lists them: $LATEST first, then by number (facts G1)."""
        return f"{0 if self.version == LATEST else int(self.version):020}"

    def settle(self, now: float) -> None:
        """Pending and InProgress end when their time has come, whoever looks first."""
        if self.settles_at is None or now < self.settles_at:
            return
        failed, self.settles_at, self.outcome = self.outcome, None, None
        self.used_at = clock()
        if self.is_restoring:
            self.state, self.state_reason = ("Inactive" if failed else "Active"), failed
        else:
            self._end_update(failed)
        if failed and self.before:
            self.code, self.settings = self.before  # on Failed the previous code stays (C3)
        self.before = None
        if self.version == LATEST:
            self.revision_id = new_id()  # facts A1, A2; a version keeps its own (A6)

    def _end_update(self, failed: Failure | None) -> None:
        if self.state == "Pending":
            self.state, self.state_reason = ("Failed" if failed else "Active"), failed
        else:
            self.update_reason = failed
        if self.state == "Inactive" and not failed:
            self.state, self.state_reason = "Active", None  # redeploying restores it (facts J6)
        self.update_status = "Failed" if failed else "Successful"

    @property
    def is_restoring(self) -> bool:
        reason = self.state_reason.code if self.state_reason else ""
        return (self.state, reason) == ("Pending", "Restoring")

    @property
    def holds_resources(self) -> bool:
        """Whether there is something that AWS takes back from an idle function."""
        settings = self.settings
        network = (settings.get("VpcConfig") or {}).get("SubnetIds")
        snapshot = self.version != LATEST and settings["SnapStart"]["ApplyOn"] != "None"
        return bool(network or settings.get("FileSystemConfigs") or snapshot or self.code.image_uri)

    def rest(self, idle: float | None) -> None:
        """Become Inactive if nobody called for that long (facts J6)."""
        if idle is None or self.state != "Active" or self.settles_at is not None:
            return
        if self.holds_resources and clock() - self.used_at >= idle:
            self.deactivate()

    def deactivate(self) -> None:
        self.state, self.state_reason = "Inactive", Failure(IDLE, "Idle")

    def restore(self, seconds: float, outcome: Failure | None = None) -> None:
        """Get back what was taken; if that fails it is Inactive again."""
        self.state, self.state_reason = "Pending", Failure(RESTORING, "Restoring")
        self.settles_at, self.outcome = clock() + seconds, outcome

    def pend(self, seconds: float, outcome: Failure | None = None) -> None:
        self.state, self.state_reason = "Pending", Failure(CREATING, "Creating")
        self.update_status, self.update_reason = None, None
        self.settles_at, self.outcome = clock() + seconds, outcome


@dataclass
class Function:
    """One function of one account and Region."""

    place: Place
    name: str
    latest: Revision
    versions: dict[int, Revision] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    provisioned: dict[str, Provisioned] = field(default_factory=dict)
    next_version: int = 1
    changed: bool = True  # since the last publish; armed by calls, not by content (facts E5, C6)
    newest: int | None = None
    published_size: int = 0
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    urls: dict[str, dict[str, Any]] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    code_signing_config_arn: str = ""
    idle: float | None = None

    @property
    def arn(self) -> str:
        return self.place.function_arn(self.name)

    @property
    def has_changed(self) -> bool:
        """Whether the next publish makes a version (facts E4)."""
        return self.changed or self.newest not in self.versions

    @property
    def concurrency(self) -> int:
        """What of the account's concurrency is kept for it: reserved, or else provisioned."""
        provisioned = sum(each.executions for each in self.provisioned.values())
        return max(self.reserved_concurrency or 0, provisioned)

    @property
    def published(self) -> list[Revision]:
        """The versions in the order of their numbers."""
        return [self.versions[number] for number in sorted(self.versions)]

    @property
    def code_size(self) -> int:
        return self.latest.code.size + self.published_size

    def settle(self, idle: float | None = None) -> None:
        self.idle = idle
        self.latest.settle(clock())
        self.latest.rest(idle)

    def finish(self) -> None:
        """Settle everything at once, whatever time it should have taken."""
        for revision in (self.latest, *self.versions.values()):
            revision.settle(math.inf)
        for alias in self.aliases.values():
            alias.leaving = ""

    def keep(self, version: Revision) -> None:
        number = int(version.version)
        self.versions[number] = version
        self.published_size += version.code.size
        self.newest, self.next_version, self.changed = number, number + 1, False

    def forget(self, number: int) -> None:
        """Numbers are never used again (facts E8)."""
        if version := self.versions.pop(number, None):
            self.published_size -= version.code.size
            self.provisioned.pop(str(number), None)

    def find(self, qualifier: str | None) -> Revision:
        """The revision behind a version number, alias or nothing (facts F1, F3)."""
        if qualifier is None or qualifier == LATEST:
            return self.latest
        alias = self.aliases.get(qualifier)
        number = alias.version if alias else qualifier
        if number == LATEST:
            return self.latest
        revision = self.versions.get(int(number)) if number.isdecimal() else None
        if revision is None or revision.version != number:
            raise errors.function_not_found(self.place.function_arn(self.name, qualifier))
        revision.settle(clock())
        revision.rest(self.idle)
        return revision

    def require_revision(self, revision_id: str | None) -> None:
        if revision_id is not None and revision_id != self.latest.revision_id:
            raise errors.stale_revision()

    def require_settled(self) -> None:
        """One update at a time, and none before the function exists for real (facts C7, J3)."""
        if self.latest.state == "Pending":
            raise errors.wrong_state("Pending")
        if self.latest.update_status == "InProgress":
            raise errors.update_in_progress(self.arn)

    def update(
        self,
        seconds: float,
        outcome: Failure | None,
        *,
        code: Code | None = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Begin an update of $LATEST; it settles `seconds` later."""
        latest = self.latest
        latest.before = (latest.code, latest.settings)
        latest.code = code or latest.code
        latest.settings = settings or latest.settings
        latest.revision_id, latest.modified_at = new_id(), datetime.now(UTC)
        # "Creating" on an update, yes (facts C2).
        latest.update_status, latest.update_reason = "InProgress", Failure(CREATING, "Creating")
        latest.settles_at, latest.outcome = clock() + seconds, outcome
        self.changed = True

    def publish(self, description: str | None = None) -> Revision:
        """The newest version, made now unless nothing was called since (facts E4, A5, A7)."""
        if not self.has_changed and self.newest is not None:
            return self.versions[self.newest]
        settings = dict(self.latest.settings)
        if description is not None:
            settings["Description"] = description
        version = replace(
            self.latest,
            version=str(self.next_version),
            settings=settings,
            revision_id=new_id(),
            modified_at=datetime.now(UTC),
            state="Active",
            state_reason=None,
            update_status="Successful",
            update_reason=None,
            settles_at=None,
            outcome=None,
            before=None,
            used_at=clock(),
        )
        self.keep(version)
        self.latest.revision_id = new_id()
        return version
