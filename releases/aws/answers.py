"""boto3's dictionaries become the dataclasses of `types`; a missing field is a KeyError."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from releases.aws.configuration import CONFIGURATION_FIELDS, normal_configuration
from releases.aws.types import AliasState, FunctionState, ListedFunction, VersionSummary

Answer = Mapping[str, Any]

# Read into fields of FunctionState, or left out on purpose.
_KNOWN = {
    *CONFIGURATION_FIELDS,
    "CodeSha256",
    "CodeSize",
    "FunctionArn",
    "FunctionName",
    "ImageConfigResponse",
    "LastModified",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "PackageType",
    "ResponseMetadata",
    "RevisionId",
    "RuntimeVersionConfig",
    "SigningJobArn",
    "State",
    "StateReason",
    "StateReasonCode",
    "Version",
}
_MAYBE_SECRET = {"Environment", "Variables", "Error"}


def function_state(
    answer: Answer,
    digest_key: bytes,
    code: Answer | None = None,
    tags: Mapping[str, str] | None = None,
) -> FunctionState:
    """From a FunctionConfiguration and, when GetFunction gave them, its code's place and tags."""
    code = code or {}
    return FunctionState(
        name=answer["FunctionName"],
        arn=answer["FunctionArn"],
        version=answer["Version"],
        code_sha256=answer["CodeSha256"],
        code_size=answer.get("CodeSize", 0),
        revision_id=answer["RevisionId"],
        package_type=answer.get("PackageType", "Zip"),
        description=answer.get("Description", ""),
        state=answer.get("State", ""),
        state_reason=answer.get("StateReason", ""),
        last_update_status=answer.get("LastUpdateStatus", ""),
        last_update_reason=answer.get("LastUpdateStatusReason", ""),
        last_update_reason_code=answer.get("LastUpdateStatusReasonCode", ""),
        last_modified=answer.get("LastModified", ""),
        architectures=tuple(answer.get("Architectures") or ["x86_64"]),
        configuration=normal_configuration(answer, digest_key),
        extra=_extra(answer),
        code_location=code.get("Location", ""),
        image_uri=code.get("ResolvedImageUri") or code.get("ImageUri", ""),
        tags=dict(tags or {}),
    )


def listed_function(answer: Answer) -> ListedFunction:
    return ListedFunction(answer["FunctionName"], answer["FunctionArn"], answer["RevisionId"])


def version_summary(answer: Answer, digest_key: bytes) -> VersionSummary:
    return VersionSummary(
        number=int(answer["Version"]),
        code_sha256=answer["CodeSha256"],
        code_size=answer.get("CodeSize", 0),
        revision_id=answer["RevisionId"],
        description=answer.get("Description", ""),
        last_modified=answer.get("LastModified", ""),
        configuration=normal_configuration(answer, digest_key),
    )


def alias_state(answer: Answer) -> AliasState:
    routing = answer.get("RoutingConfig") or {}
    return AliasState(
        name=answer["Name"],
        version=answer["FunctionVersion"],
        revision_id=answer["RevisionId"],
        description=answer.get("Description", ""),
        weights=dict(routing.get("AdditionalVersionWeights") or {}),
    )


def _extra(answer: Answer) -> dict[str, Any]:
    return {key: _plain(value) for key, value in answer.items() if key not in _KNOWN}


def _plain(value: Any) -> Any:
    """The value as JSON has it, without what could hold a secret."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if k not in _MAYBE_SECRET}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__
