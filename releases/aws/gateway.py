"""Every call that Sluice makes to AWS, as typed functions of plain values."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, TypeVar

from releases.aws import callers, downloads, images, objects, restoring, surroundings, trail
from releases.aws.answers import (
    alias_state,
    function_state,
    listed_function,
    version_summary,
)
from releases.aws.calls import Caller, CallLog
from releases.aws.code import Code, ImageCode, InlineZip, S3Zip
from releases.aws.errors import Permanent
from releases.aws.types import (
    AliasState,
    Changes,
    FunctionState,
    Image,
    LatestCallers,
    ListedFunction,
    StoredObject,
    Target,
    VersionSummary,
)

__all__ = ["CallLog", "Code", "Gateway", "ImageCode", "InlineZip", "S3Zip"]

Answer = Mapping[str, Any]
T = TypeVar("T")

NO_WEIGHTS: Mapping[str, Any] = {"AdditionalVersionWeights": {}}
PAGE = 50


def _anything_goes() -> None:
    """The guard of a gateway that was given none."""


class Gateway:
    """AWS as one environment sees it. All methods raise AwsError.

    `guard` runs before every call; the one that workers pass refuses to call AWS inside a
    database transaction. `before_write` runs directly before a write is sent.
    `urgent` calls (rollback) may use the part of the budget kept for them.
    """

    def __init__(
        self,
        target: Target,
        *,
        log: CallLog,
        guard: Callable[[], None] = _anything_goes,
        before_write: Callable[[], None] = _anything_goes,
        urgent: bool = False,
    ) -> None:
        self.target = target
        self._caller = Caller(
            target, log=log, guard=guard, before_write=before_write, urgent=urgent
        )
        self._digest_key = self._caller.settings.digest_key

    @property
    def request_ids(self) -> list[str]:
        """AWS's ids of what was asked through this gateway so far, for the history."""
        return list(self._caller.request_ids)

    # --- reading ----------------------------------------------------------
    def get_function(self, name: str, qualifier: str = "") -> FunctionState:
        """GetFunction, for polling too: it has 100 calls a second of its own (facts F7)."""
        request = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})

        def read(answer: Answer) -> FunctionState:
            configuration, tags = answer["Configuration"], answer.get("Tags")
            return function_state(configuration, self._digest_key, answer.get("Code"), tags)

        state = self._caller.call("lambda", "GetFunction", request, read)
        self._refuse_elsewhere(state.arn, "GetFunction")
        return state

    def get_alias(self, name: str, alias: str) -> AliasState:
        """GetAlias, whose RevisionId is the alias's own (facts A10)."""
        request = {"FunctionName": name, "Name": alias}
        return self._caller.call("lambda", "GetAlias", request, alias_state)

    def list_functions(self) -> Iterator[ListedFunction]:
        """`$LATEST` of every function of the account and Region, asked for page by page."""

        def read(answer: Answer) -> list[ListedFunction]:
            return [listed_function(row) for row in answer["Functions"]]

        for listed in self._pages("ListFunctions", {}, read):
            self._refuse_elsewhere(listed.arn, "ListFunctions")
            yield listed

    def list_aliases(self, name: str) -> Iterator[AliasState]:
        """All aliases, asked for page by page."""

        def read(answer: Answer) -> list[AliasState]:
            return [alias_state(row) for row in answer["Aliases"]]

        return self._pages("ListAliases", {"FunctionName": name}, read)

    def list_versions(self, name: str) -> Iterator[VersionSummary]:
        """All published versions in ascending order (facts G1); `$LATEST` is not one."""

        def read(answer: Answer) -> list[VersionSummary]:
            rows = (row for row in answer["Versions"] if row["Version"].isdecimal())
            return [version_summary(row, self._digest_key) for row in rows]

        return self._pages("ListVersionsByFunction", {"FunctionName": name}, read)

    def callers_of_latest(self, name: str) -> LatestCallers:
        """Who calls the function through `$LATEST`."""
        return callers.callers_of_latest(self._caller, name)

    def changes_of(self, name: str, since: datetime) -> Changes:
        """Who wrote to the function since then, as far as CloudTrail tells by now."""
        return trail.changes_of(self._caller, name, since)

    # --- what a version stands on -----------------------------------------
    def check_layer(self, arn: str) -> None:
        """Whether a layer version is there. Raises NotFound, AccessDenied."""
        surroundings.check_layer(self._caller, arn)

    def check_role(self, arn: str) -> None:
        """Whether an execution role is there. Raises NotFound, AccessDenied."""
        surroundings.check_role(self._caller, arn)

    def key_state(self, arn: str) -> str:
        """What a KMS key is in: `Enabled`, `Disabled`… Raises NotFound, AccessDenied."""
        return surroundings.key_state(self._caller, arn)

    def provisioned(self, name: str) -> dict[str, int]:
        """Provisioned concurrency of the function, by alias or version."""
        return surroundings.provisioned(self._caller, name)

    # --- writing ----------------------------------------------------------
    def dry_run(self, name: str, code: Code, *, architecture: str, revision_id: str) -> str:
        """UpdateFunctionCode that changes nothing; the CodeSha256 that AWS answered (facts D1)."""
        settings = {"FunctionName": name, "RevisionId": revision_id, "DryRun": True}
        return self._send_code(
            settings, code, architecture, lambda answer: str(answer["CodeSha256"]), is_write=False
        )

    def update_code(
        self, name: str, code: Code, *, architecture: str, revision_id: str
    ) -> FunctionState:
        """UpdateFunctionCode. The RevisionId in the answer goes stale at once (facts A2, A3)."""
        settings = {"FunctionName": name, "RevisionId": revision_id}
        return self._send_code(settings, code, architecture, self._read_state, is_write=True)

    def publish(
        self, name: str, *, code_sha256: str, revision_id: str, description: str
    ) -> FunctionState:
        """PublishVersion. May answer a version that was there before (facts E4)."""
        request = {
            "FunctionName": name,
            "CodeSha256": code_sha256,
            "RevisionId": revision_id,
            "Description": description,
        }
        return self._write("PublishVersion", request, self._read_state)

    def update_alias(self, name: str, alias: str, *, version: str, revision_id: str) -> AliasState:
        """UpdateAlias, always without weights: left out they would stay (facts H6)."""
        request = {
            "FunctionName": name,
            "Name": alias,
            "FunctionVersion": version,
            "RevisionId": revision_id,
            "RoutingConfig": NO_WEIGHTS,
        }
        return self._write("UpdateAlias", request, alias_state)

    def create_alias(
        self, name: str, alias: str, *, version: str, description: str = ""
    ) -> AliasState:
        """CreateAlias. Raises AlreadyExists (facts H7)."""
        request = {
            "FunctionName": name,
            "Name": alias,
            "FunctionVersion": version,
            "Description": description,
        }
        return self._write("CreateAlias", request, alias_state)

    def restore_configuration(
        self, name: str, version: str, *, revision_id: str, description: str | None
    ) -> tuple[str, ...]:
        """Write back to `$LATEST` what differs from a published version; the fields written."""
        return restoring.restore_configuration(
            self._caller, name, version, revision_id=revision_id, description=description
        )

    # --- code in other places ---------------------------------------------
    def resolve_image(self, uri: str) -> Image:
        """The digest that an ECR tag means now. Raises NotFound, Permanent."""
        return images.resolve_image(self._caller, uri)

    def image_layers(self, uri: str) -> tuple[tuple[str, int], ...] | None:
        """Digest and size of each layer of a pinned image; None where ECR does not tell."""
        return images.image_layers(self._caller, uri)

    def open_object(
        self, bucket: str, key: str, version_id: str = ""
    ) -> tuple[StoredObject, Iterator[bytes]]:
        """An S3 object and its bytes while they arrive."""
        return objects.open_object(self._caller, bucket, key, version_id)

    def put_package(self, bucket: str, key: str, file: BinaryIO, *, sha256: str, size: int) -> str:
        """The VersionId of these bytes in the bucket, uploaded unless they are there."""
        return objects.put_package(self._caller, bucket, key, file, sha256=sha256, size=size)

    def download_code(self, state: FunctionState, *, limit: int) -> Iterator[bytes]:
        """The bytes behind a state that get_function just returned (facts F2)."""
        return downloads.download_code(self._caller, state, limit=limit)

    # --- shared -----------------------------------------------------------
    def _read_state(self, answer: Answer) -> FunctionState:
        return function_state(answer, self._digest_key)

    def _write(self, operation: str, request: Answer, read: Callable[[Answer], T]) -> T:
        return self._caller.call("lambda", operation, request, read, is_write=True)

    def _send_code(
        self,
        settings: Answer,
        code: Code,
        architecture: str,
        read: Callable[[Answer], T],
        *,
        is_write: bool,
    ) -> T:
        request = {**settings, "Architectures": [architecture]}
        return self._caller.call(
            "lambda",
            "UpdateFunctionCode",
            request | code.parameters(),
            read,
            is_write=is_write,
            sent_once=True,
            summary=request | code.summary(),
        )

    def _pages(
        self, operation: str, about: Answer, read: Callable[[Answer], list[T]]
    ) -> Iterator[T]:
        def read_page(answer: Answer) -> tuple[list[T], str | None]:
            return read(answer), answer.get("NextMarker") or None

        marker: str | None = ""
        while marker is not None:
            request = {**about, "MaxItems": PAGE} | ({"Marker": marker} if marker else {})
            rows, marker = self._caller.call("lambda", operation, request, read_page)
            yield from rows

    def _refuse_elsewhere(self, arn: str, operation: str) -> None:
        """Every change begins with a read: stop there if the credentials lead elsewhere."""
        region, account = arn.split(":")[3:5]
        if (account, region) != (self.target.account_id, self.target.region):
            raise Permanent(
                f"AWS answered with a function of account {account}, {region}; the environment is "
                f"account {self.target.account_id}, {self.target.region}.",
                name="WrongAccount",
                operation=operation,
            )
